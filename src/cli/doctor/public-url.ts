import type { HttpClient } from '../../ports/http-client.ts';
import { examine, type Finding, failed, passed } from './finding.ts';

/** The role's own public URL, asked from here as a citizen's browser asks: it leads to us. */
export function examinePublicUrl(publicUrl: string, http: HttpClient): Promise<Finding> {
  const check = 'public-url';
  const url = `${publicUrl.replace(/\/$/, '')}/livez`;
  return examine(
    check,
    async () => {
      const { status, headers, body } = await http.send({ method: 'GET', url });
      if (status === 200 && new TextDecoder().decode(body) === '{"status":"ok"}')
        return passed(check, `${publicUrl} leads to us.`);
      const [says, advice] = wrong(status, headers['location']);
      return failed(check, `${url} ${says}`, advice, 'config.invalid');
    },
    (error) => {
      if (error.code === 'upstream.tls')
        return (
          'The certificate of the proxy in front is not trusted, names another host or has ended: ' +
          'renew it, with its intermediates.'
        );
      return (
        'Start "serve" (then run this again), or look at DNS, firewall and the proxy in front. From ' +
        'inside a network its own public name may not be reachable.'
      );
    },
  );
}

function wrong(status: number, location: string | undefined): readonly [string, string] {
  if (status >= 300 && status < 400)
    return [
      `answered ${status} and leads to ${hostOf(location)}.`,
      'JITSUIN_PUBLIC_URL must be the address at which browsers end: https, host and path to the letter.',
    ];
  if (status === 404)
    return [
      'answered 404.',
      'Host or path of JITSUIN_PUBLIC_URL is not what the proxy hands on to us: see guides/behind-proxies.md.',
    ];
  if (status === 502 || status === 503 || status === 504)
    return [
      `answered ${status}: the proxy in front does not reach us.`,
      'Look at the port that it hands on to (JITSUIN_PORT, JITSUIN_HOST) and whether "serve" runs.',
    ];
  if (status === 200)
    return [
      'is answered by something else than jitsuin.',
      'Look at what the host name of JITSUIN_PUBLIC_URL points to.',
    ];
  return [`answered ${status}.`, 'Look at the proxy in front: /livez must be handed on as every other path.'];
}

function hostOf(location: string | undefined): string {
  return location !== undefined && URL.canParse(location) ? new URL(location).origin : 'another path';
}
