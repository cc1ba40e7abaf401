import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { addressThatPageLeadsTo } from '../../simulator/citizen.ts';

/** A browser as far as HTTP goes: one cookie jar a site, no script. */
export interface Visitor {
  /** Follows redirects and pages that lead on until the address begins with `until`, or there is no way on. */
  visit(url: string, until?: string): Promise<Visit>;
}

interface Visit {
  readonly status: number;
  readonly body: string;
  /** Every page on the way. */
  readonly pages: readonly string[];
  /** Where `until` stopped it; not fetched. */
  readonly stoppedAt?: string;
}

interface Step {
  readonly url: string;
  readonly form?: URLSearchParams;
  /** The page that the form stood on. */
  readonly from?: string;
}

const MOST_STEPS = 15;
const PATIENCE_MILLIS = 20_000;

/** @param press words of buttons that are pressed where a page has them, as a person would */
export function newVisitor(press: readonly string[] = []): Visitor {
  const jars = new Map<string, Map<string, string>>();
  return {
    async visit(url, until) {
      const pages: string[] = [];
      let step: Step | undefined = { url };
      let status = 508;
      for (let count = 0; count < MOST_STEPS && step !== undefined; count += 1) {
        const at: string = step.url;
        if (until !== undefined && at.startsWith(until))
          return { status: 302, body: '', pages, stoppedAt: at };
        const { body, ...opened } = await open(jars, step);
        status = opened.status;
        const location = opened.location ?? addressThatPageLeadsTo(body);
        if (location === undefined) pages.push(body);
        step = location === undefined ? pressed(body, at, press) : { url: new URL(location, at).href };
      }
      return { status: step === undefined ? status : 508, body: pages.at(-1) ?? '', pages };
    },
  };
}

interface Opened {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
}

async function open(jars: Map<string, Map<string, string>>, { url, form, from }: Step): Promise<Opened> {
  const { host } = new URL(url);
  const jar = jars.get(host) ?? new Map<string, string>();
  jars.set(host, jar);
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  // as a browser says it: relying parties send scripts away, and `fetch` says that it is one
  const headers: Record<string, string> = {
    accept: 'text/html,application/xhtml+xml',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
  };
  if (cookie !== '') headers['cookie'] = cookie;
  if (from !== undefined) headers['origin'] = new URL(from).origin;
  if (form !== undefined) headers['content-type'] = 'application/x-www-form-urlencoded';
  const response = await send(url, form === undefined ? 'GET' : 'POST', headers, form?.toString());
  for (const line of response.headers['set-cookie'] ?? []) remember(jar, line);
  const { statusCode: status = 0, headers: given } = response;
  return { status, location: given.location, body: await text(response) };
}

function send(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body = '',
): Promise<IncomingMessage> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((done, failed) => {
    const options = { method, headers, agent: false, signal: AbortSignal.timeout(PATIENCE_MILLIS) } as const;
    request(url, options, done).once('error', failed).end(body);
  });
}

/** The form whose button has one of the words. */
function pressed(html: string, at: string, press: readonly string[]): Step | undefined {
  for (const [form = ''] of html.matchAll(/<form\b[\s\S]*?<\/form>/gi)) {
    const button = [
      ...form.matchAll(/<button\b[^>]*>([\s\S]*?)<\/button>|<input\b[^>]*type="submit"[^>]*>/gi),
    ]
      .map(([whole, inside]) => inside ?? whole)
      .find((inside) => press.some((word) => inside.includes(word)));
    if (button === undefined) continue;
    const fields = new URLSearchParams();
    for (const [input] of form.matchAll(/<input\b[^>]*>/gi)) {
      const name = attribute(input, 'name');
      if (name !== undefined) fields.append(name, attribute(input, 'value') ?? '');
    }
    const open = /<form\b[^>]*>/i.exec(form)?.[0] ?? '';
    return {
      url: new URL(attribute(open, 'action') ?? '', at).href,
      form: fields,
      from: at,
    };
  }
  return undefined;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(tag)?.[1];
  return value?.replace(/&(amp|lt|gt|quot|#39);/g, (_match, entity: string) => ENTITIES[entity] ?? '');
}

function remember(jar: Map<string, string>, line: string): void {
  const [pair = ''] = line.split(';');
  const [name = '', value = ''] = pair.split(/=(.*)/s);
  if (/max-age=0|expires=thu, 01 jan 1970/i.test(line) || value === '') jar.delete(name.trim());
  else jar.set(name.trim(), value.trim());
}
