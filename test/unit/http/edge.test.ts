import { createHash, randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Express } from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../../src/adapters/random.ts';
import type { EpochMillis, TenantId } from '../../../src/core/brand.ts';
import { ERROR_CODES, type ErrorCode, JitsuinError } from '../../../src/core/errors.ts';
import { bodyOctets, formBody, jsonBody, octetsBody } from '../../../src/http/body.ts';
import { createEdge } from '../../../src/http/edge.ts';
import { health } from '../../../src/http/health.ts';
import { idempotent } from '../../../src/http/idempotency.ts';
import { type Listening, listen } from '../../../src/http/listen.ts';
import { PROBLEMS, problemOf } from '../../../src/http/problem.ts';
import { apiKeyTenants, authenticate, tenantOf } from '../../../src/http/tenants.ts';
import type { IdempotencyStore, StoredAnswer } from '../../../src/ports/idempotency-store.ts';
import type { Log, LogFields } from '../../../src/ports/log.ts';

const open: Listening[] = [];
const logged: { event: string; fields: LogFields | undefined }[] = [];
const log: Log = {
  info: (event, fields) => void logged.push({ event, fields }),
  warn: (event, fields) => void logged.push({ event, fields }),
  error: (event, fields) => void logged.push({ event, fields }),
};
const random = { octets: (count: number) => new Uint8Array(count), id: () => randomUUID() };
const clock = { now: () => 1_800_000_000_000 as EpochMillis };

async function serve(routes: (app: Express) => void): Promise<string> {
  const app = createEdge({ log, random }, routes);
  const listening = await listen(app, { host: '127.0.0.1', port: 0 });
  open.push(listening);
  return listening.url;
}

afterEach(async () => {
  logged.length = 0;
  await Promise.all(open.splice(0).map((listening) => listening.close(100)));
});

describe('problem documents (RFC 9457)', () => {
  it('has a status for every kind of every code', () => {
    for (const [code, kind] of Object.entries(ERROR_CODES)) {
      const problem = problemOf(new JitsuinError(code as ErrorCode, 'x'), randomUUID());
      expect(problem.status).toBe(PROBLEMS[kind].status);
      expect(problem.code).toBe(code);
    }
  });

  it('answers an unknown path with 404 and the security headers', async () => {
    const url = await serve(() => {});
    const response = await fetch(`${url}/nowhere`);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect((await response.json()) as object).toMatchObject({ code: 'http.not-found', status: 404 });
    for (const [name, value] of [
      ['x-content-type-options', 'nosniff'],
      ['x-frame-options', 'DENY'],
      ['referrer-policy', 'same-origin'],
      ['cross-origin-opener-policy', 'same-origin'],
      ['cache-control', 'no-store'],
    ] as const) {
      expect(response.headers.get(name)).toBe(value);
    }
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('x-powered-by')).toBeNull();
  });

  it('never tells the outside what an unexpected failure said', async () => {
    const url = await serve((app) => {
      app.get('/boom', () => {
        throw new Error('secret SELECT * FROM applications');
      });
    });
    const response = await fetch(`${url}/boom`);
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).not.toContain('secret');
    expect(JSON.parse(text)).toMatchObject({ code: 'internal.unexpected' });
    expect(JSON.stringify(logged)).not.toContain('secret');
    expect(logged[0]?.event).toBe('http.failure');
  });

  it('keeps a caller’s request id of UUID form and replaces any other', async () => {
    const url = await serve(() => {});
    const id = randomUUID();
    expect((await fetch(`${url}/x`, { headers: { 'X-Request-Id': id } })).headers.get('x-request-id')).toBe(
      id,
    );
    const replaced = await fetch(`${url}/x`, { headers: { 'X-Request-Id': 'a'.repeat(3000) } });
    expect(replaced.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('bodies', () => {
  const routes = (app: Express) => {
    app.post('/xml', octetsBody(1000, ['application/xml']), (request, response) => {
      response.json({ octets: bodyOctets(request).length });
    });
    app.post('/json', jsonBody(1000), (request, response) => void response.json(request.body));
    app.post('/form', formBody(1000), (request, response) => void response.json(request.body));
  };
  const post = (url: string, type: string, body: string | Uint8Array, headers = {}) =>
    fetch(url, { method: 'POST', body: body as string, headers: { 'Content-Type': type, ...headers } });

  it('reads octets of the wanted media type', async () => {
    const url = await serve(routes);
    expect(await (await post(`${url}/xml`, 'application/xml; charset=utf-8', '<a/>')).json()).toEqual({
      octets: 4,
    });
    expect(await (await post(`${url}/form`, 'application/x-www-form-urlencoded', 'a=1')).json()).toEqual({
      a: '1',
    });
  });

  it.each([
    ['/xml', 'text/html', '<a/>', 415, 'http.media-type'],
    ['/xml', 'application/xml', 'x'.repeat(1001), 413, 'http.body-size'],
    ['/json', 'application/json', '{"a":', 400, 'http.body'],
    ['/json', 'application/json', '7', 400, 'http.body'],
    ['/json', 'text/plain', '{}', 415, 'http.media-type'],
    ['/form', 'application/json', '{}', 415, 'http.media-type'],
  ])('refuses at %s %s', async (path, type, body, status, code) => {
    const url = await serve(routes);
    const response = await post(`${url}${path}`, type, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
  });

  it('inflates nothing', async () => {
    const url = await serve(routes);
    const bomb = gzipSync(Buffer.alloc(1_000_000));
    const response = await post(`${url}/xml`, 'application/xml', bomb.subarray(0, 900), {
      'Content-Encoding': 'gzip',
    });
    expect(response.status).toBe(415);
  });
});

describe('tenants', () => {
  const key = 'k'.repeat(40);
  const judge = apiKeyTenants([
    { tenant: 't1' as TenantId, apiKeySha256: createHash('sha256').update(key).digest('hex') },
  ]);

  it.each([
    ['no header', undefined, 401],
    ['another scheme', `Basic ${key}`, 401],
    ['an unknown key', `Bearer ${key}x`, 401],
    ['the key', `Bearer ${key}`, 200],
    ['the scheme in any case (RFC 9110 section 11.1)', `bearer ${key}`, 200],
  ])('%s', async (_name, header, status) => {
    const url = await serve((app) => {
      app.get(
        '/me',
        authenticate(judge),
        (_request, response) => void response.json({ tenant: tenantOf(response) }),
      );
    });
    const response = await fetch(`${url}/me`, {
      headers: header === undefined ? {} : { Authorization: header },
    });
    expect(response.status).toBe(status);
    if (status === 401) expect(response.headers.get('www-authenticate')).toBe('Bearer');
    else expect(await response.json()).toEqual({ tenant: 't1' });
  });
});

describe('Idempotency-Key', () => {
  function memoryStore(): IdempotencyStore {
    const kept = new Map<string, { hash: string; requestId: string; free?: true; answer?: StoredAnswer }>();
    return {
      async claim(tenant, key, hash, _now, requestId) {
        const found = kept.get(`${tenant} ${key}`);
        if (found === undefined) {
          kept.set(`${tenant} ${key}`, { hash, requestId });
          return { kind: 'first', requestId };
        }
        if (found.hash !== hash) return { kind: 'mismatch' };
        if (found.free === true) {
          delete found.free;
          return { kind: 'first', requestId: found.requestId };
        }
        return found.answer === undefined ? { kind: 'running' } : { kind: 'answered', answer: found.answer };
      },
      async answer(tenant, key, answer) {
        const found = kept.get(`${tenant} ${key}`);
        if (found !== undefined) found.answer = answer;
      },
      async release(tenant, key) {
        kept.delete(`${tenant} ${key}`);
      },
      async abandon(tenant, key) {
        const found = kept.get(`${tenant} ${key}`);
        if (found !== undefined) found.free = true;
      },
      purge: async () => 0,
    };
  }

  async function counter(fail: () => JitsuinError | undefined): Promise<{
    post: (key: string | undefined, body?: string) => Promise<Response>;
    runs: () => number;
    ids: readonly string[];
  }> {
    let runs = 0;
    const ids: string[] = [];
    const url = await serve((app) => {
      app.post(
        '/things',
        (_request, response, next) => {
          response.locals['tenant'] = 't1';
          next();
        },
        jsonBody(1000),
        idempotent(memoryStore(), { clock, random: systemRandom(clock) }, async (_request, _response, id) => {
          runs += 1;
          ids.push(id);
          const failure = fail();
          if (failure !== undefined) throw failure;
          return { status: 201, headers: { Location: `/things/${runs}` }, body: { run: runs } };
        }),
      );
    });
    return {
      ids,
      runs: () => runs,
      post: (key, body = '{}') =>
        fetch(`${url}/things`, {
          method: 'POST',
          body,
          headers: {
            'Content-Type': 'application/json',
            ...(key === undefined ? {} : { 'Idempotency-Key': key }),
          },
        }),
    };
  }

  it('runs once and answers the same again', async () => {
    const { post, runs } = await counter(() => undefined);
    const first = await post('a');
    const second = await post('a');
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(await second.json()).toEqual(await first.json());
    expect(second.headers.get('location')).toBe('/things/1');
    expect(runs()).toBe(1);
  });

  it('refuses the key with another request, and a missing or ill-formed key', async () => {
    const { post } = await counter(() => undefined);
    await post('a');
    const other = await post('a', '{"b":1}');
    expect(other.status).toBe(422);
    expect(await other.json()).toMatchObject({ code: 'idempotency.mismatch' });
    expect((await post(undefined)).status).toBe(400);
    expect((await post('x'.repeat(256))).status).toBe(400);
  });

  it.each([
    ['keeps the id after a failure that may have had its effect', 'store.unavailable', 503, 1],
    ['gives the key back after a refusal', 'http.body', 400, 2],
  ] as const)('%s', async (_name, code, status, different) => {
    let failure: JitsuinError | undefined = new JitsuinError(code, 'no');
    const { post, runs, ids } = await counter(() => failure);
    expect((await post('a')).status).toBe(status);
    failure = undefined;
    expect((await post('a')).status).toBe(201);
    expect(runs()).toBe(2);
    expect(new Set(ids).size).toBe(different);
  });
});

describe('health and shutdown', () => {
  it('tells live from ready', async () => {
    let up = false;
    const url = await serve((app) =>
      health(app, {
        store: async () => {
          if (!up) throw new Error('down');
        },
      }),
    );
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    up = true;
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({
      status: 'ok',
      checks: [{ name: 'store', ok: true }],
    });
  });

  it('lets an open request end, and cuts what outlives the deadline', async () => {
    let release: () => void = () => {};
    const app = createEdge({ log, random }, (routes) => {
      routes.get('/slow', async (_request, response) => {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        response.json({ done: true });
      });
    });
    const listening = await listen(app, { host: '127.0.0.1', port: 0 });
    const slow = fetch(`${listening.url}/slow`);
    await expect.poll(() => release.name).toBe('');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const closing = listening.close(5_000);
    release();
    expect(await (await slow).json()).toEqual({ done: true });
    await closing;

    const second = await listen(app, { host: '127.0.0.1', port: 0 });
    const socket = connect(second.port, '127.0.0.1');
    const cut = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await second.close(50);
    await cut;
  });

  it('a request on its way on a kept connection is answered, as the last one there', async () => {
    const app = createEdge({ log, random }, (routes) => {
      routes.get('/quick', (_request, response) => void response.json({ done: true }));
    });
    const listening = await listen(app, { host: '127.0.0.1', port: 0 });
    const socket = connect(listening.port, '127.0.0.1');
    let said = '';
    socket.on('data', (chunk) => {
      said += chunk.toString('latin1');
    });
    const ended = new Promise((resolve) => socket.once('close', resolve));
    const ask = () => socket.write('GET /quick HTTP/1.1\r\nHost: x\r\n\r\n');
    ask();
    await expect.poll(() => said).toContain('"done":true');
    expect(said).toContain('Connection: keep-alive');
    said = '';
    const closing = listening.close(5_000);
    ask();
    await Promise.all([closing, ended]);
    expect(said).toContain('Connection: close');
    expect(said).toContain('"done":true');
    await expect(fetch(`${listening.url}/quick`)).rejects.toThrow();
  });
});
