import { JitsuinError } from '../../core/errors.ts';
import { isLoopbackHttp } from '../../core/oidc/provider-metadata.ts';

const VARIABLE = 'JITSUIN_LOOPBACK_HOSTS';
const PAIR = /^([1-9][0-9]{0,4})=([A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)$/;

/** Of this process, set once before its role starts: port of a loopback URL → host that serves it. */
let addresses: ReadonlyMap<string, string> = new Map();

/**
 * Where the parts of a simulated world have a network of their own each (containers), `http://localhost:8090` is
 * another machine's: JITSUIN_LOOPBACK_HOSTS says whose, as `PORT=HOST` with commas between. URLs stay what browsers
 * see.
 * @throws JitsuinError `config.invalid`
 */
export function useLoopbackAddresses(env: Readonly<Record<string, string | undefined>>): void {
  const text = env[VARIABLE] ?? '';
  addresses = new Map(text === '' ? [] : text.split(',').map(pairOf));
}

function pairOf(text: string): readonly [string, string] {
  const [, port, host] = PAIR.exec(text.trim()) ?? [];
  if (port !== undefined && host !== undefined && Number(port) <= 65_535) return [port, host];
  throw new JitsuinError(
    'config.invalid',
    `${VARIABLE} must be PORT=HOST with commas between, for example 8090=simulator,8083=pf.`,
    { at: VARIABLE },
  );
}

/** Where a request for this URL is really sent: itself, or on plain-HTTP loopback the address set for its port. */
export function addressOf(url: URL): URL {
  const host = isLoopbackHttp(url) ? addresses.get(url.port || '80') : undefined;
  if (host === undefined) return url;
  const there = new URL(url);
  there.hostname = host;
  return there;
}
