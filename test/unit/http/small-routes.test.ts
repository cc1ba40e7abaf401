import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Express } from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { createEdge, type EdgeOptions } from '../../../src/http/edge.ts';
import { health, readiness } from '../../../src/http/health.ts';
import { type Listening, listen } from '../../../src/http/listen.ts';
import { asHttpError } from '../../../src/http/problem.ts';
import { publicLogRoute } from '../../../src/http/public-log-route.ts';
import { parseQuery } from '../../../src/http/read-query.ts';
import { logoutRoute } from '../../../src/http/relying-party/logout-route.ts';
import type { LogoutTokens } from '../../../src/ports/logout-tokens.ts';
import { type FakeWorld, fakeWorld } from '../../support/fakes.ts';

const open: Listening[] = [];
const folders: string[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((listening) => listening.close(50)));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function serve(world: FakeWorld, routes: (app: Express) => void, more: Partial<EdgeOptions> = {}) {
  const app = createEdge({ log: world.log, random: world.random, ...more }, routes);
  const listening = await listen(app, { host: '127.0.0.1', port: 0 });
  open.push(listening);
  return listening.url;
}

describe('GET /readyz', () => {
  it.each([
    ['all that it needs works', false, 200, null, { status: 'ok', checks: [{ name: 'store', ok: true }] }],
    [
      'a part of it is down',
      true,
      503,
      '5',
      { status: 'not-ready', checks: [{ name: 'store', ok: false, reason: 'store.unavailable' }] },
    ],
  ])('%s', async (_name, down, status, wait, body) => {
    const store = async () => {
      if (down) throw new JitsuinError('store.unavailable', 'The database is read-only.');
    };
    const url = await serve(fakeWorld(), (app) => health(app, { store }));
    const response = await fetch(`${url}/readyz`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([status, wait]);
    expect(await response.json()).toEqual(body);
  });

  it.each([
    [29_999, true],
    [30_000, false],
  ])('what is slow and worked %d ms ago: %s', async (age, ok) => {
    let now = 0;
    let slow = false;
    const store = async () => {
      if (!slow) return;
      // as long as the patience and a little, by this clock
      now += 2_001;
      throw new JitsuinError('store.unavailable', 'It has no connection left.');
    };
    const judge = readiness({ store }, () => now);
    await judge('anybody');
    slow = true;
    now = age - 2_001;
    expect((await judge('anybody'))[0]?.ok).toBe(ok);
  });

  it('what answers within its patience with a refusal is down, however lately it worked', async () => {
    let now = 0;
    let down = false;
    const store = async () => {
      if (!down) return;
      now += 2_000;
      throw new JitsuinError('store.unavailable', 'It is read-only.');
    };
    const judge = readiness({ store }, () => now);
    await judge('anybody');
    down = true;
    now = 1_000;
    expect((await judge('anybody'))[0]?.ok).toBe(false);
  });
});

describe('a query', () => {
  const named = (count: number) => Array.from({ length: count }, (_, n) => `p${n}=1`).join('&');

  it('has 100 parameters at most', () => {
    expect(Object.keys(parseQuery(named(100)))).toHaveLength(100);
    expect(() => parseQuery(named(101))).toThrow(expect.objectContaining({ code: 'http.body', at: 'query' }));
  });

  it('is read so far only: a thousand of one name are no thousand values', () => {
    expect(parseQuery('a=1&'.repeat(1_000))['a']).toHaveLength(101);
  });
});

describe('a body beyond its limit', () => {
  it.each([
    [{ status: 413, limit: 64 }, 'The request body is larger than 64 octets.'],
    [{ status: 413 }, 'The request body is too large.'],
    [{ status: 413, limit: '64' }, 'The request body is too large.'],
  ])('%j', (thrown, message) => {
    expect(asHttpError(Object.assign(new Error(''), thrown)).message).toBe(message);
  });
});

describe('the public log', () => {
  it.each([
    ['checkpoint', 'text/plain; charset=utf-8', 'no-cache'],
    ['tile/0/000', 'application/octet-stream', 'public, max-age=31536000, immutable'],
  ])('%s', async (path, type, caching) => {
    const folder = mkdtempSync(join(tmpdir(), 'jitsuin-log-'));
    folders.push(folder);
    mkdirSync(join(folder, 'tile/0'), { recursive: true });
    writeFileSync(join(folder, path), 'x');
    const url = await serve(fakeWorld(), (app) => publicLogRoute(app, folder));
    const response = await fetch(`${url}/log/${path}`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    expect(response.headers.get('cache-control')).toBe(caching);
  });
});

describe('the observer of requests', () => {
  it('is told of each once: method, pattern and status, and nothing of what was asked', async () => {
    const world = fakeWorld();
    const told: object[] = [];
    const observer = { finished: (request: object) => void told.push(request) };
    const routes = (app: Express) => {
      app.get('/applications/:id', (_request, response) => void response.status(202).end());
      app.post('/fails', () => {
        throw new Error('unexpected');
      });
    };
    const url = await serve(world, routes, { observer });
    await fetch(`${url}/applications/secret-id?q=secret`);
    await fetch(`${url}/fails`, { method: 'POST' });
    await fetch(`${url}/nowhere/secret-id`);
    await expect.poll(() => told.length).toBe(3);
    const seconds = expect.any(Number);
    expect(told).toEqual([
      { method: 'GET', route: '/applications/:id', status: 202, seconds },
      { method: 'POST', route: '/fails', status: 500, seconds },
      { method: 'GET', route: 'none', status: 404, seconds },
    ]);
  });
});

describe('POST /backchannel-logout', () => {
  const CLAIMS: Awaited<ReturnType<LogoutTokens['verify']>> = {
    subject: 'MARK-subject',
    jti: 'j1',
    issuedAt: 0 as EpochMillis,
    replayableUntil: 9e15 as EpochMillis,
  };
  async function route() {
    const world = fakeWorld();
    const given: unknown[] = [];
    const verify = async (token: unknown) => {
      given.push(token);
      if (token === 'good') return CLAIMS;
      throw new JitsuinError('oidc.logout-token', 'not good', { at: 'logout_token' });
    };
    const url = await serve(world, (app) =>
      logoutRoute(app, { ...world, logoutTokens: { verify } }, world.log),
    );
    const post = (body: string, type = 'application/x-www-form-urlencoded') =>
      fetch(`${url}/backchannel-logout`, { method: 'POST', body, headers: { 'content-type': type } });
    return { world, given, url, post };
  }
  const records = (world: FakeWorld) =>
    world.audit.events.filter(({ event }) => event === 'session.logout-refused');

  it('hands the token on as it came, and says 200 to a good one, the first time and again', async () => {
    const { given, post, world } = await route();
    expect((await post('logout_token=good')).status).toBe(200);
    expect((await post('logout_token=good')).status).toBe(200);
    expect(given).toEqual(['good', 'good']);
    expect(records(world)).toEqual([]);
  });

  it.each([
    ['another token', 'logout_token=bad', undefined, 'oidc.logout-token', 'bad'],
    ['no token', 'token=good', undefined, 'oidc.logout-token', undefined],
    ['an empty body', '', undefined, 'oidc.logout-token', undefined],
    ['JSON', '{"logout_token":"good"}', 'application/json', 'http.media-type', 'not asked'],
  ])('%s: 400, with its code, a line and a record', async (_name, body, type, code, token) => {
    const { world, given, post } = await route();
    const response = await post(body, type);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      400,
      'application/problem+json; charset=utf-8',
    ]);
    expect(await response.json()).toMatchObject({ code, status: 400 });
    expect(given).toEqual(token === 'not asked' ? [] : [token]);
    expect(records(world)).toEqual([
      { event: 'session.logout-refused', subject: '', tenant: '', at: world.clock.now(), code },
    ]);
  });

  it('a body of 64 KiB is read, one more octet is 413', async () => {
    const { post } = await route();
    const start = 'logout_token=';
    expect((await post(start + 'x'.repeat(64 * 1024 - start.length))).status).toBe(400);
    expect((await post(start + 'x'.repeat(64 * 1024 - start.length + 1))).status).toBe(413);
  });

  it('refusals beyond 60 a minute have their line but no record; the next minute has its own', async () => {
    const { world, post } = await route();
    world.clock.advance(10 * 60_000);
    for (let n = 0; n < 62; n += 1) await (await post('logout_token=bad')).arrayBuffer();
    expect(records(world)).toHaveLength(60);
    expect(world.log.lines.filter(({ event }) => event === 'logout.refused')).toHaveLength(62);
    world.clock.advance(60_000);
    await post('logout_token=bad');
    expect(records(world)).toHaveLength(61);
  });

  it('any other method: 405', async () => {
    const { url } = await route();
    const response = await fetch(`${url}/backchannel-logout`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'OPTIONS, POST']);
  });
});
