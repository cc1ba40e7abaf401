import type { ClientOptions, Pacing } from '../../../src/client/options.ts';

export interface Sent {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: unknown;
}

/** What the pretended server does with one request: an answer, a broken connection, or nothing at all. */
export type Reply =
  | { readonly status: number; readonly json?: object; readonly headers?: Record<string, string> }
  | 'cut'
  | 'silent';

export const problem = (status: number, code: string, retryAfter?: string): Reply => ({
  status,
  json: { type: `urn:jitsuin:problem:${code}`, title: 'title', status, detail: 'detail', code, at: 'here' },
  headers: {
    'content-type': 'application/problem+json',
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  },
});

/** A client against a list of replies, with time that passes only while it sleeps. */
export function fakeServer(replies: readonly Reply[]) {
  const sent: Sent[] = [];
  const slept: number[] = [];
  let now = Date.UTC(2026, 0, 1);
  const pacing: Pacing = {
    now: () => now,
    random: () => 0.5,
    sleep: async (millis, signal) => {
      signal?.throwIfAborted();
      slept.push(millis);
      now += millis;
    },
  };
  const fetcher: typeof fetch = async (url, init) => {
    sent.push({
      url: String(url),
      method: init?.method ?? 'GET',
      headers: new Headers(init?.headers),
      body: init?.body,
    });
    const reply = replies[Math.min(sent.length, replies.length) - 1] ?? 'cut';
    if (reply === 'cut') throw new TypeError('fetch failed');
    if (reply === 'silent') return waitForEver(init?.signal ?? undefined);
    const headers = { 'content-type': 'application/json', ...reply.headers };
    return new Response(reply.json === undefined ? null : JSON.stringify(reply.json), {
      status: reply.status,
      headers,
    });
  };
  const options: ClientOptions = {
    ...{ baseUrl: 'https://rp.example/', bearer: 'jk_key', fetch: fetcher, pacing },
  };
  return { options, sent, slept };
}

function waitForEver(signal: AbortSignal | undefined): Promise<Response> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
