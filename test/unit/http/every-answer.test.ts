import { createServer, type IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Express } from 'express';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hexSha256 } from '../../../src/core/digest/sha256.ts';
import { ERROR_CODES, type ErrorCode, type ErrorKind, JitsuinError } from '../../../src/core/errors.ts';
import { basePathOf, routePath } from '../../../src/http/base-path.ts';
import { octetsBody } from '../../../src/http/body.ts';
import { boundedConnections } from '../../../src/http/bounded-connections.ts';
import { answerBrokenRequest } from '../../../src/http/broken-request.ts';
import { concurrencyLimit } from '../../../src/http/concurrency-limit.ts';
import { createEdge, type EdgeOptions } from '../../../src/http/edge.ts';
import { health } from '../../../src/http/health.ts';
import { idempotent } from '../../../src/http/idempotency.ts';
import { type Listening, listen } from '../../../src/http/listen.ts';
import { listenForManagement } from '../../../src/http/management.ts';
import { openManagement } from '../../../src/http/open-management.ts';
import { asHttpError, PROBLEMS, sendProblem } from '../../../src/http/problem.ts';
import {
  apiKeyTenants,
  authenticate,
  hasScope,
  limitedTenants,
  tenantOf,
} from '../../../src/http/tenants.ts';
import type { IdempotencyStore } from '../../../src/ports/idempotency-store.ts';
import { FakeClock, FakeLog, FakeRandom } from '../../support/fakes.ts';

const open: Listening[] = [];
const servers: { close(): void }[] = [];
const log = new FakeLog();
const random = new FakeRandom();
const clock = new FakeClock();
afterEach(async () => {
  log.lines.length = 0;
  for (const server of servers.splice(0)) server.close();
  await Promise.all(open.splice(0).map((listening) => listening.close(50)));
});

async function serve(routes: (app: Express) => void, options: Partial<EdgeOptions> = {}): Promise<string> {
  const app = createEdge({ log, random, ...options }, routes);
  const listening = await listen(app, { host: '127.0.0.1', port: 0 });
  open.push(listening);
  return listening.url;
}

/** Every header that this edge adds by itself, whole. */
const ALWAYS = {
  'content-security-policy':
    "default-src 'none';style-src 'self';script-src 'self';img-src 'self';connect-src 'self';form-action 'self';" +
    "frame-ancestors 'none';base-uri 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'same-origin',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0',
  'cache-control': 'no-store',
  'accept-ranges': 'none',
};
const OF_THE_WIRE = ['connection', 'content-length', 'date', 'keep-alive', 'content-type', 'x-request-id'];
const ownHeaders = ({ headers }: Response) =>
  Object.fromEntries([...headers].filter(([name]) => !OF_THE_WIRE.includes(name)));

const KINDS = Object.keys(PROBLEMS) as ErrorKind[];
const codeOfKind = (kind: ErrorKind) =>
  (Object.keys(ERROR_CODES) as ErrorCode[]).find((code) => ERROR_CODES[code] === kind) ??
  'internal.unexpected';

describe('an answer of every kind', () => {
  it.each(KINDS.flatMap((kind) => [undefined, 7].map((retryAfter) => [kind, retryAfter] as const)))(
    '%s (retry after %s): status, headers, body and line',
    async (kind, retryAfter) => {
      const code = codeOfKind(kind);
      const url = await serve((app) => {
        app.get('/it', () => {
          throw new JitsuinError(code, 'our own sentence', {
            at: '/member',
            ...(retryAfter === undefined ? {} : { retryAfter }),
          });
        });
      });
      const response = await fetch(`${url}/it`, { headers: { 'X-Request-Id': 'A'.repeat(36) } });
      const { status, title } = PROBLEMS[kind];
      expect(response.status).toBe(status);
      const waits = status === 429 || status === 503 ? String(retryAfter ?? 30) : undefined;
      const wait = waits ?? retryAfter?.toString();
      expect(ownHeaders(response)).toEqual({
        ...ALWAYS,
        ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
        ...(wait === undefined ? {} : { 'retry-after': wait }),
      });
      expect(response.headers.get('x-request-id')).toBe('a'.repeat(36));
      expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(await response.json()).toEqual({
        type: `urn:jitsuin:problem:${code.replace('.', ':')}`,
        title,
        status,
        detail:
          kind === 'internal' ? 'The failure was recorded under the id in "instance".' : 'our own sentence',
        code,
        instance: `urn:uuid:${'a'.repeat(36)}`,
        at: '/member',
      });
      const internal = kind === 'internal';
      expect(log.lines).toEqual([
        {
          level: internal ? 'error' : 'warn',
          event: internal ? 'http.failure' : 'http.refused',
          fields: { correlationId: 'a'.repeat(36), code, method: 'GET', status },
        },
      ]);
    },
  );

  it('a good one, a page, and one that nobody has: the same headers', async () => {
    const url = await serve((app) => {
      app.get('/json', (_request, response) => void response.json({}));
      app.get('/page', (_request, response) => void response.type('text/html').send('<p>'));
    });
    for (const path of ['/json', '/page', '/none']) {
      const response = await fetch(url + path);
      expect(ownHeaders(response), path).toEqual(ALWAYS);
      await response.arrayBuffer();
    }
  });

  it.each([
    [413, 'http.body-size'],
    [415, 'http.media-type'],
    [400, 'http.body'],
    [499, 'http.body'],
    [500, 'internal.unexpected'],
  ])('what a parser throws with status %d is %s', (status, code) => {
    expect(asHttpError(Object.assign(new Error(''), { status })).code).toBe(code);
    expect(asHttpError({ status }).code).toBe('internal.unexpected');
    expect(asHttpError(Object.assign(new Error(''), { status: String(status) })).code).toBe(
      'internal.unexpected',
    );
  });

  it('an answer that has begun is cut, not joined by another', async () => {
    const url = await serve((app) => {
      app.get('/it', (_request, response) => {
        response.write('half');
        throw new JitsuinError('http.body', '');
      });
    });
    await expect(fetch(`${url}/it`).then((response) => response.text())).rejects.toThrow();
  });

  it.each([
    ['ja', true],
    ['ja,en-US;q=0.9,en;q=0.8', true],
    ['ja-JP', true],
    ['en-US,en;q=0.9,ja;q=0.8', false],
    ['*', false],
    ['fr', false],
  ])('a problem for who accepts %s', async (accepts, japanese) => {
    const url = await serve((app) => {
      app.get('/it', () => {
        throw new JitsuinError('http.body', 'our own sentence', { at: '/member' });
      });
    });
    const response = await fetch(`${url}/it`, { headers: { 'accept-language': accepts } });
    expect(response.headers.get('content-language')).toBe(japanese ? 'ja' : null);
    expect(await response.json()).toMatchObject({
      status: 400,
      code: 'http.body',
      at: '/member',
      title: japanese ? '要求をこのままでは受け入れられません' : PROBLEMS['bad-input'].title,
      detail: japanese
        ? '要求を読めません。場所は `at` にあります。/docs に従って直す。（our own sentence）'
        : 'our own sentence',
    });
  });

  it('what nobody foresaw says as little in Japanese', async () => {
    const url = await serve((app) => {
      app.get('/it', () => {
        throw new Error('a secret');
      });
    });
    const response = await fetch(`${url}/it`, { headers: { 'accept-language': 'ja' } });
    expect(await response.json()).toMatchObject({
      title: '予期しない失敗です',
      detail: '失敗は「instance」の ID で記録されました。',
    });
  });

  it('without a request that could have an id it has an id of noughts', () => {
    const sent: string[] = [];
    const response = {
      locals: {},
      req: { acceptsLanguages: () => 'en' },
      setHeader: () => response,
      status: () => response,
      type: () => response,
      send: (text: string) => void sent.push(text),
    };
    sendProblem(response as never, new JitsuinError('http.not-found', ''));
    expect(JSON.parse(sent[0] ?? '').instance).toBe('urn:uuid:00000000-0000-0000-0000-000000000000');
  });
});

describe('a path that has other methods', () => {
  const routes = (app: Express) => {
    app.get('/one', (_request, response) => void response.json({}));
    app.post('/one', (_request, response) => void response.json({}));
    app.put('/two', (_request, response) => void response.json({}));
  };
  it.each([
    ['DELETE', '/one', 405, 'GET, HEAD, OPTIONS, POST'],
    ['OPTIONS', '/one', 204, 'GET, HEAD, OPTIONS, POST'],
    ['GET', '/two', 405, 'OPTIONS, PUT'],
    ['OPTIONS', '/two', 204, 'OPTIONS, PUT'],
    ['GET', '/none', 404, null],
    ['OPTIONS', '/none', 404, null],
  ])('%s %s: %d, Allow %s', async (method, path, status, allow) => {
    const response = await fetch((await serve(routes)) + path, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([status, allow]);
    const text = await response.text();
    if (status === 204) return expect(text).toBe('');
    return expect(JSON.parse(text).code).toBe(status === 405 ? 'http.method' : 'http.not-found');
  });
});

describe('who asks and how often', () => {
  const KEY = 'k'.repeat(40);
  const SCOPED = 's'.repeat(40);
  const tenants = [
    { tenant: 't1', apiKeySha256: hexSha256(KEY) },
    { tenant: 't2', apiKeySha256: hexSha256(SCOPED), scopes: ['read'] },
  ] as never;
  const taken: (readonly [string, number])[] = [];
  const limit = (wait: number | undefined) => ({
    take: async (name: string, points = 1) => {
      taken.push([name, points]);
      return wait;
    },
    close: async () => undefined,
  });
  const asked = async (url: string, init: RequestInit & { duplex?: string } = {}, key = KEY) => {
    taken.length = 0;
    return fetch(url, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${key}` },
    } as RequestInit);
  };
  const route = (wait?: number) =>
    serve((app) => {
      app.all(
        '/it',
        authenticate(limitedTenants(apiKeyTenants(tenants), limit(wait))),
        (_request, response) => {
          response.json({
            tenant: tenantOf(response),
            read: hasScope(response, 'read'),
            write: hasScope(response, 'write'),
          });
        },
      );
    });

  it.each([
    [0, 1],
    [65_535, 1],
    [65_536, 2],
    [131_072, 3],
  ])('a body of %d octets counts as %d requests', async (octets, points) => {
    const url = await route();
    await asked(`${url}/it`, { method: 'POST', body: 'x'.repeat(octets) });
    expect(taken).toEqual([['t1', points]]);
  });

  it('a body that does not say its length counts as one of a mebibyte', async () => {
    const url = await route();
    const body = new ReadableStream({
      start: (controller) => {
        controller.enqueue(new Uint8Array(1));
        controller.close();
      },
    });
    await asked(`${url}/it`, { method: 'POST', body, duplex: 'half' });
    expect(taken).toEqual([['t1', 17]]);
  });

  it.each([
    [1, '1'],
    [1_000, '1'],
    [1_001, '2'],
  ])('too often, %d ms too early: Retry-After %s', async (wait, seconds) => {
    const response = await asked(`${await route(wait)}/it`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, seconds]);
  });

  it('a stranger is not counted', async () => {
    const response = await asked(`${await route(1_000)}/it`, {}, 'x'.repeat(40));
    expect([response.status, taken]).toEqual([401, []]);
  });

  it.each([
    ['GET', KEY, 200, { tenant: 't1', read: true, write: true }],
    ['POST', KEY, 200, { tenant: 't1', read: true, write: true }],
    ['GET', SCOPED, 200, { tenant: 't2', read: true, write: false }],
    ['POST', SCOPED, 403, undefined],
    ['PUT', SCOPED, 403, undefined],
    ['DELETE', SCOPED, 403, undefined],
  ])('%s with %s: %d', async (method, key, status, body) => {
    const response = await asked(`${await route()}/it`, { method }, key);
    expect(response.status).toBe(status);
    if (body !== undefined) expect(await response.json()).toEqual(body);
    const head = await asked(`${await route()}/it`, { method: 'HEAD' }, key);
    expect(head.status).toBe(200);
  });

  it.each([
    ['a key of 8192 characters', 'x'.repeat(8_192), true],
    ['a key of 8193 characters', 'x'.repeat(8_193), false],
    ['a key with a blank', 'x x', false],
    ['no key', '', false],
  ])('%s reaches the judge: %s', async (_what, key, reaches) => {
    const seen: string[] = [];
    const url = await serve((app) => {
      app.get(
        '/it',
        authenticate(async (bearer) => void seen.push(bearer) as undefined),
      );
    });
    await asked(`${url}/it`, {}, key);
    expect(seen).toEqual(reaches ? [key] : []);
  });

  it('a route without authentication has no tenant', () => {
    expect(() => tenantOf({ locals: {} } as never)).toThrow(
      expect.objectContaining({ code: 'http.authentication' }),
    );
  });
});

describe('one key, one effect', () => {
  type Claim = Awaited<ReturnType<IdempotencyStore['claim']>>;
  async function answered(
    claim: Claim,
    run: () => Promise<never> | Promise<{ status: number; body: unknown }>,
  ) {
    const calls: unknown[][] = [];
    const note =
      (name: string) =>
      async (...args: unknown[]) =>
        void calls.push([name, ...args]);
    const store = {
      claim: async (...args: unknown[]) => {
        calls.push(['claim', ...args]);
        return claim;
      },
      answer: note('answer'),
      release: note('release'),
      abandon: note('abandon'),
      purge: async () => 0,
    } as object as IdempotencyStore;
    const url = await serve((app) => {
      app.post(
        '/it',
        (_request, response, next) => {
          response.locals['tenant'] = 't1';
          next();
        },
        octetsBody(100, ['text/plain']),
        idempotent(store, { clock, random }, async (_request, _response, id) => {
          calls.push(['run', id]);
          return { headers: { Location: '/l', 'X-Other': 'o' }, ...(await run()) };
        }),
      );
    });
    const post = (key: string | undefined, body = 'text', path = '/it', type = 'text/plain') =>
      fetch(url + path, {
        method: 'POST',
        body,
        headers: { 'content-type': type, ...(key === undefined ? {} : { 'idempotency-key': key }) },
      });
    return { post, calls };
  }
  const first = { kind: 'first', requestId: 'r1' } as Claim;
  const good = async () => ({ status: 201, body: { made: 1 } });
  const now = clock.now();

  it('the first runs under the id of its claim; its answer is kept before it is sent', async () => {
    const { post, calls } = await answered(first, good);
    const response = await post('key-1');
    expect([response.status, response.headers.get('location'), await response.text()]).toEqual([
      201,
      '/l',
      '{"made":1}',
    ]);
    expect(response.headers.get('x-other')).toBeNull();
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(calls.map(([name]) => name)).toEqual(['claim', 'run', 'answer']);
    expect(calls[0]?.slice(0, 5)).toEqual([
      'claim',
      't1',
      'key-1',
      expect.stringMatching(/^[0-9a-f]{64}$/),
      now,
    ]);
    expect(calls[1]).toEqual(['run', 'r1']);
    expect(calls[2]).toEqual([
      'answer',
      't1',
      'key-1',
      { status: 201, headers: { Location: '/l', 'X-Other': 'o' }, body: Buffer.from('{"made":1}') },
    ]);
  });

  it.each(KINDS)('a failure of kind %s gives the key back where nothing was done', async (kind) => {
    const { post, calls } = await answered(first, () =>
      Promise.reject(new JitsuinError(codeOfKind(kind), '')),
    );
    const { status } = PROBLEMS[kind];
    expect((await post('key-1')).status).toBe(status);
    expect(calls.at(-1)).toEqual([status < 500 ? 'release' : 'abandon', 't1', 'key-1', now]);
  });

  const ANSWER = {
    status: 202,
    headers: { Location: '/old' },
    body: new Uint8Array(Buffer.from('{"old":1}')),
  };
  it.each([
    [{ kind: 'answered', answer: ANSWER }, 202, undefined, undefined],
    [{ kind: 'mismatch' }, 422, 'idempotency.mismatch', 'Idempotency-Key'],
    [{ kind: 'running' }, 409, 'idempotency.running', undefined],
    [{ kind: 'restored' }, 409, 'idempotency.restored', 'Idempotency-Key'],
    [{ kind: 'restored', keyPrefix: 'r2-' }, 409, 'idempotency.restored', 'Idempotency-Key'],
  ] as const)('%j: %d', async (claim, status, code, at) => {
    const { post, calls } = await answered(claim as Claim, good);
    const response = await post('key-1');
    const body = (await response.json()) as { code?: string; at?: string; detail?: string };
    expect([response.status, body.code, body.at]).toEqual([status, code, at]);
    expect(calls.map(([name]) => name)).toEqual(['claim']);
    if (code === undefined) expect([body, response.headers.get('location')]).toEqual([{ old: 1 }, '/old']);
    if ('keyPrefix' in claim) expect(body.detail).toContain('"r2-"');
    if (claim.kind === 'restored' && !('keyPrefix' in claim))
      expect(body.detail).toContain('send with a new key.');
  });

  it('the hash is of method, address, media type and octets', async () => {
    const { post, calls } = await answered(first, good);
    await post('k');
    await post('k');
    await post('k', 'other');
    await post('k', 'text', '/it?a=1');
    await post('k', 'text', '/it', 'text/plain; charset=utf-8');
    const hashes = calls.filter(([name]) => name === 'claim').map((call) => call[3]);
    expect(new Set(hashes).size).toBe(4);
    expect(hashes[0]).toBe(hashes[1]);
  });

  it.each([
    ['a', true],
    ['~'.repeat(255), true],
    ['a'.repeat(256), false],
    ['a b', false],
    [undefined, false],
  ])('the key %s is one: %s', async (key, good) => {
    const { post, calls } = await answered(first, async () => ({ status: 200, body: {} }));
    const response = await post(key);
    const { code, at } = (await response.json()) as { code?: string; at?: string };
    expect(good ? response.status : [response.status, code, at]).toEqual(
      good ? 200 : [400, 'idempotency.key', 'Idempotency-Key'],
    );
    expect(calls.length > 0).toBe(good);
  });
});

describe('headers of which there is one', () => {
  const raw = (url: string, headers: readonly string[]) =>
    new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
      });
      socket.on('close', () => resolve(text));
      socket.write(
        `GET /it HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`,
      );
    });
  it.each([
    ['Authorization', 400],
    ['Content-Type', 400],
    ['Origin', 400],
    ['ORIGIN', 400],
    ['Host', 400],
    ['X-Other', 200],
    ['Accept', 200],
  ])('%s twice: %d', async (name, status) => {
    const url = await serve((app) => app.get('/it', (_request, response) => void response.json({})));
    const lines = name === 'Host' ? ['Host: i'] : [`${name}: a`, `${name.toLowerCase()}: b`];
    expect(Number((await raw(url, lines)).slice(9, 12))).toBe(status);
    expect((await raw(url, ['Origin: a', 'X-Origin: origin', 'X-A: origin'])).slice(9, 12)).toBe('200');
  });
});

describe('a path below the origin', () => {
  it.each([
    ['https://a.example', ''],
    ['https://a.example/', ''],
    ['https://a.example/jt', '/jt'],
    ['https://a.example/jt//', '/jt'],
    ['https://a.example/a/b/', '/a/b'],
  ])('of %s is "%s"', (url, base) => expect(basePathOf(url)).toBe(base));

  it.each([
    ['https://a.example/jt/cb', '/cb'],
    ['https://a.example/jt', '/'],
    ['https://a.example/jtx/cb', '/jtx/cb'],
    ['https://a.example/cb', '/cb'],
  ])('the route of %s below /jt is %s', (url, path) => {
    expect(routePath(url, 'https://a.example/jt')).toBe(path);
  });

  const routes = (app: Express) => {
    app.get('/it', (request, response) => {
      response
        .cookie('__Host-jitsuin-s', 'v', { httpOnly: true })
        .cookie('jitsuin-p', 'w')
        .cookie('other', 'x');
      response.type('text/html');
      response.send(
        `<a href="/x"><form action="/y"><img src="/z"><i data-events="/e"><meta content="0; url=/r"><a href="//else"><a data-x="/n">${request.headers.cookie ?? ''}`,
      );
    });
    app.get('/text', (_request, response) => void response.type('text/plain').send(' href="/x"'));
    app.get('/', (request, response) => void response.json({ url: request.url }));
    app.get('/moved', (_request, response) => void response.redirect('/it'));
    app.get('/away', (_request, response) => void response.redirect('//else.example/it'));
    app.get('/far', (_request, response) => void response.redirect('https://else.example/it'));
  };
  const below = () => serve(routes, { basePath: '/jt/x' });

  it('is taken off what comes and put before what goes, with or without a proxy that takes it off', async () => {
    const url = await below();
    for (const base of ['', '/jt/x']) {
      const headers = {
        cookie: '__Host-jitsuin-s-jt-x=1=2; other=3; __Host-jitsuin-s=4; jitsuin-p-other=5; jitsuin-p-jt-x=6',
      };
      const response = await fetch(`${url}${base}/it`, { headers });
      expect(await response.text()).toBe(
        '<a href="/jt/x/x"><form action="/jt/x/y"><img src="/jt/x/z"><i data-events="/jt/x/e"><meta content="0; url=/jt/x/r"><a href="//else"><a data-x="/n">__Host-jitsuin-s=1=2; other=3; jitsuin-p=6',
      );
      expect(response.headers.getSetCookie()).toEqual([
        '__Host-jitsuin-s-jt-x=v; Path=/; HttpOnly',
        'jitsuin-p-jt-x=w; Path=/',
        'other=x; Path=/',
      ]);
    }
    expect(await (await fetch(`${url}/jt/x/text`)).text()).toBe(' href="/x"');
    for (const [path, seen] of [
      ['/jt/x', '/'],
      ['/jt/x?a=1', '/?a=1'],
      ['/jt/x/?a=1', '/?a=1'],
    ] as const)
      expect(await (await fetch(url + path)).json()).toEqual({ url: seen });
  });

  it.each([
    ['/moved', '/jt/x/it'],
    ['/away', '//else.example/it'],
    ['/far', 'https://else.example/it'],
  ])('%s leads to %s', async (path, location) => {
    const response = await fetch((await below()) + path, { redirect: 'manual' });
    expect(response.headers.get('location')).toBe(location);
  });
});

describe('what runs and what is ready', () => {
  const probes = { store: async () => undefined, queue: () => Promise.reject(new Error('secret')) };
  it('every probe is named; one that fails has a code for its reason, and no word of what threw', async () => {
    const url = await serve((app) => health(app, probes));
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      {
        status: 'not-ready',
        checks: [
          { name: 'store', ok: true },
          { name: 'queue', ok: false, reason: 'internal.unexpected' },
        ],
      },
    ]);
    expect(await (await fetch(`${url}/livez`)).json()).toEqual({ status: 'ok' });
  });

  it('the management port has both and the metrics, and says where it listens', async () => {
    const registry = { contentType: 'text/plain; version=0.0.4', metrics: async () => 'jitsuin_up 1\n' };
    const place = { host: '127.0.0.1', port: 0 };
    const listening = await openManagement(place, { registry }, {}, log);
    if (listening === undefined) throw new Error('not open');
    expect(log.lines).toEqual([
      { level: 'info', event: 'management.listening', fields: { port: listening.port } },
    ]);
    const metrics = await fetch(`${listening.url}/metrics`);
    expect([metrics.headers.get('content-type'), await metrics.text()]).toEqual([
      registry.contentType,
      'jitsuin_up 1\n',
    ]);
    const ready = await fetch(`${listening.url}/readyz`);
    expect([ready.status, ready.headers.get('x-powered-by'), ready.headers.get('etag')]).toEqual([
      200,
      null,
      null,
    ]);
    await ready.arrayBuffer();
    await listening.close();
    expect(await openManagement(undefined, { registry }, {}, log)).toBeUndefined();
    const other = await listenForManagement(place, registry, { probes: {}, log });
    await other.close();
  });
});

describe('the listener', () => {
  it('has its times and sizes, whatever Node’s are', async () => {
    const created: unknown[] = [];
    const listened = vi.spyOn(await import('node:net').then(({ Server }) => Server.prototype), 'listen');
    const url = await serve(() => undefined);
    const [server] = listened.mock.contexts as unknown as [Record<string, unknown>];
    listened.mockRestore();
    created.push(server);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect({
      headers: server['headersTimeout'],
      request: server['requestTimeout'],
      keepAlive: server['keepAliveTimeout'],
      checks: server['connectionsCheckingInterval'],
      silent: server['timeout'],
      most: server['maxHeadersCount'],
    }).toEqual({
      headers: 10_000,
      request: 30_000,
      keepAlive: 65_000,
      checks: 2_000,
      silent: 60_000,
      most: 100,
    });
  });

  it('says the address of a host in brackets where it is one of IPv6', async () => {
    const app = createEdge({ log, random }, () => undefined);
    const listening = await listen(app, { host: '::1', port: 0 });
    open.push(listening);
    expect(listening.url).toBe(`http://[::1]:${listening.port}`);
  });

  it('refuses a port that is taken', async () => {
    const url = await serve(() => undefined);
    const app = createEdge({ log, random }, () => undefined);
    const again = listen(app, { host: '127.0.0.1', port: Number(new URL(url).port) });
    await expect(again).rejects.toMatchObject({ code: 'config.invalid', at: 'JITSUIN_PORT' });
  });

  it.each([
    [16, 16],
    [17, 16],
  ])('%d requests at once on one connection: %d are worked on', async (sent, worked) => {
    let seen = 0;
    const server = createServer();
    boundedConnections(server, () => {
      seen += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push({
      close: () => {
        server.closeAllConnections();
        server.close();
      },
    });
    const { port } = server.address() as { port: number };
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    const closed = new Promise<string>((resolve) => socket.on('close', () => resolve('closed')));
    socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(sent));
    await expect.poll(() => seen).toBe(worked);
    if (sent > worked) expect(await closed).toBe('closed');
    else expect(socket.closed).toBe(false);
    socket.destroy();
  });
});

describe('octets that are no request', () => {
  const said = (code: string | undefined, socket: object = {}) => {
    const written: string[] = [];
    let destroyed = false;
    const duplex = {
      writable: true,
      end: (text: string) => void written.push(text),
      destroy: () => {
        destroyed = true;
      },
      ...socket,
    } as object as Duplex;
    answerBrokenRequest(Object.assign(new Error(''), code === undefined ? {} : { code }), duplex);
    return { written, destroyed };
  };

  it.each([
    ['HPE_HEADER_OVERFLOW', 431, 'Request Header Fields Too Large'],
    ['ERR_HTTP_REQUEST_TIMEOUT', 408, 'Request Timeout'],
    ['HPE_INVALID_METHOD', 400, 'Bad Request'],
    [undefined, 400, 'Bad Request'],
  ])('%s: %d, and the connection ends', (code, status, reason) => {
    const { written, destroyed } = said(code);
    const [head = '', body = ''] = (written[0] ?? '').split('\r\n\r\n');
    expect([destroyed, written.length]).toEqual([false, 1]);
    expect(head.split('\r\n')).toEqual([
      `HTTP/1.1 ${status} ${reason}`,
      'Connection: close',
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-store',
      'X-Request-Id: 00000000-0000-0000-0000-000000000000',
    ]);
    expect(JSON.parse(body)).toMatchObject({ code: 'http.syntax', status, title: reason });
  });

  it('nothing is said into an answer that has begun, or to nobody', () => {
    const response = new ServerResponse({ method: 'GET' } as IncomingMessage);
    expect(said('HPE_X', { _httpMessage: response }).written).toHaveLength(1);
    response.writeHead(200);
    expect(said('HPE_X', { _httpMessage: response })).toEqual({ written: [], destroyed: true });
    expect(said('HPE_X', { _httpMessage: { headersSent: true } }).written).toHaveLength(1);
    expect(said('HPE_X', { writable: false })).toEqual({ written: [], destroyed: true });
  });
});

describe('places for strangers', () => {
  it('are taken before a body is read, and given back with the answer', async () => {
    const release: (() => void)[] = [];
    const url = await serve((app) => {
      app.post('/it', concurrencyLimit(2), async (_request, response) => {
        await new Promise<void>((resolve) => release.push(resolve));
        response.json({});
      });
    });
    const post = () => fetch(`${url}/it`, { method: 'POST', body: 'x' });
    const held = [post(), post()];
    await expect.poll(() => release.length).toBe(2);
    const refused = await post();
    expect([refused.status, refused.headers.get('retry-after'), refused.headers.get('connection')]).toEqual([
      429,
      '5',
      'close',
    ]);
    release.shift()?.();
    expect((await Promise.race(held)).status).toBe(200);
    const next = post();
    await expect.poll(() => release.length).toBe(2);
    for (const one of release) one();
    expect((await next).status).toBe(200);
    await Promise.all(held);
  });

  it('a body that has not come after ten seconds gives its place up', () => {
    vi.useFakeTimers();
    try {
      const closers: (() => void)[] = [];
      let cut = 0;
      const response = {
        once: (_name: string, run: () => void) => closers.push(run),
        setHeader: () => undefined,
      };
      const call = (complete: boolean) =>
        concurrencyLimit(9)(
          { complete, destroy: () => (cut += 1) } as never,
          response as never,
          () => undefined,
        );
      void call(false);
      void call(true);
      vi.advanceTimersByTime(9_999);
      expect(cut).toBe(0);
      vi.advanceTimersByTime(1);
      expect(cut).toBe(1);
      void call(false);
      for (const close of closers) close();
      vi.advanceTimersByTime(20_000);
      expect([cut, vi.getTimerCount()]).toEqual([1, 0]);
    } finally {
      vi.useRealTimers();
    }
  });
});
