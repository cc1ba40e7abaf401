/** A browser as far as HTTP goes: one cookie jar a site, no script. */
export interface Visitor {
  /** Follows redirects until the address begins with `until`, or there is none. */
  visit(url: string, until?: string): Promise<Visit>;
}

interface Visit {
  readonly status: number;
  readonly body: string;
  /** Where `until` stopped it; not fetched. */
  readonly stoppedAt?: string;
}

const MOST_REDIRECTS = 15;
const PATIENCE_MILLIS = 20_000;

export function newVisitor(): Visitor {
  const jars = new Map<string, Map<string, string>>();
  return {
    async visit(url, until) {
      let at = url;
      for (let hops = 0; hops < MOST_REDIRECTS; hops += 1) {
        if (until !== undefined && at.startsWith(until)) return { status: 302, body: '', stoppedAt: at };
        const { host } = new URL(at);
        const jar = jars.get(host) ?? new Map<string, string>();
        jars.set(host, jar);
        const response = await fetch(at, {
          redirect: 'manual',
          headers: {
            cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
            accept: 'text/html',
          },
          signal: AbortSignal.timeout(PATIENCE_MILLIS),
        });
        const body = await response.text();
        for (const line of response.headers.getSetCookie()) remember(jar, line);
        const location = response.headers.get('location');
        if (location === null) return { status: response.status, body };
        at = new URL(location, at).href;
      }
      return { status: 508, body: '' };
    },
  };
}

function remember(jar: Map<string, string>, line: string): void {
  const [pair = ''] = line.split(';');
  const [name = '', value = ''] = pair.split(/=(.*)/s);
  if (/max-age=0|expires=thu, 01 jan 1970/i.test(line) || value === '') jar.delete(name.trim());
  else jar.set(name.trim(), value.trim());
}
