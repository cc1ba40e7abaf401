import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../../src/adapters/log/pino-log.ts';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { readGovConfig } from '../../../src/config/gov.ts';
import { startGov } from '../../../src/roles/gov/main.ts';
import { driveCitizen } from '../../../src/simulator/citizen.ts';
import type { LogoutRequest, SimulatorClient } from '../../../src/simulator/options.ts';
import { applicationOf, ended, goToService, type RpWorld, startRpWorld, submitted } from './world.ts';

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

let world: RpWorld;
let own: SimulatorClient;
/** Takes a logout token in the place of the relying party, so that a test can post it itself. */
let catcher: Server;
let caught: string[] = [];
beforeAll(async () => {
  world = await startRpWorld('gov');
  await world.stopWorker();
  const clients = readFileSync(join(world.dir, 'world', 'simulator', 'clients.json'), 'utf8');
  const client = (JSON.parse(clients) as SimulatorClient[]).find(
    ({ clientId }) => clientId === world.clientId,
  );
  if (client === undefined) throw new Error('not registered');
  own = client;
  catcher = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      caught.push(new URLSearchParams(body).get('logout_token') ?? '');
      response.end();
    });
  });
  await new Promise<void>((resolve) => catcher.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await world.close();
  catcher.close();
});

async function loggedIn(person = 'hanako'): Promise<Browser> {
  const browser = new Browser();
  const { location = '' } = await browser.open(`${world.url}/login`);
  await browser.open(await driveCitizen(location, { person }));
  return browser;
}

async function isLoggedIn(browser: Browser): Promise<boolean> {
  return (await browser.open(`${world.url}/account`)).html.includes('data-state="logged-in"');
}

async function send(request: LogoutRequest): Promise<readonly number[]> {
  const deliveries = await world.simulator.logout({ clientId: world.clientId, ...request });
  return deliveries.map(({ status }) => status);
}

/** A good token, kept from the relying party. */
async function goodToken(person: string): Promise<string> {
  const { port } = catcher.address() as AddressInfo;
  caught = [];
  world.simulator.registerClient({ ...own, backchannelLogoutUri: `http://127.0.0.1:${port}/` });
  await send({ person });
  world.simulator.registerClient(own);
  return caught[0] ?? '';
}

function post(token: string, url = world.url): Promise<Response> {
  return fetch(`${url}/backchannel-logout`, {
    method: 'POST',
    body: new URLSearchParams({ logout_token: token }),
  });
}

const encode = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);

describe('O18: a wrong logout token is answered 400 and touches no session', () => {
  it.each([
    ['nonce', { nonce: 'n' }],
    ['no events', { events: null }],
    ['events as a list', { events: [EVENT] }],
    ['events as text', { events: EVENT }],
    ['another event', { events: { [`${EVENT}/other`]: {} } }],
    ['one event too many', { events: { [EVENT]: {}, other: {} } }],
    ['an event that is not empty', { events: { [EVENT]: { a: 1 } } }],
    ['neither sub nor sid', { sub: null, sid: null }],
    ['sid alone', { sub: null }],
    ['no jti', { jti: null }],
    ['another aud', { aud: 'RP99999999' }],
    ['another iss', { iss: 'https://issuer.invalid' }],
    ['old', { iat: now() - 700 }],
    ['expired', { exp: now() - 61 }],
    ['no exp', { exp: null }],
  ])('%s', async (_name, claims) => {
    const browser = await loggedIn();
    expect(new Set(await send({ person: 'hanako', claims }))).toEqual(new Set([400]));
    expect(await isLoggedIn(browser)).toBe(true);
  });

  it('alg none, HS256 with the public key, __proto__ in events, an ID token', async () => {
    const browser = await loggedIn();
    const [header = '', payload = '', signature = ''] = (await goodToken('hanako')).split('.');
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as object;
    const keys = await (await fetch(`${world.simulator.issuer}/protocol/openid-connect/certs`)).text();
    const hs256 = `${encode({ ...read(header), alg: 'HS256' })}.${payload}`;
    const proto = JSON.stringify(read(payload)).replace(`"${EVENT}"`, '"__proto__"');
    const wrong = [
      `${encode({ ...read(header), alg: 'none' })}.${payload}.`,
      `${hs256}.${createHmac('sha256', keys).update(hs256).digest('base64url')}`,
      `${header}.${encode(proto)}.${signature}`,
      `${header}.${payload}.${signature.slice(0, -2)}`,
      `${header}.${payload}`,
    ];
    for (const token of wrong) {
      const answer = await post(token);
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([400, 'no-store']);
    }
    expect(await isLoggedIn(browser)).toBe(true);
  });
});

describe('O19: replay', () => {
  it('20 at once, on another node, and after a restart: one effect', async () => {
    const browser = await loggedIn('taro');
    const token = await goodToken('taro');
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(token)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await isLoggedIn(browser)).toBe(false);
    const later = await loggedIn('taro');
    for (const _start of ['another node', 'a restart']) {
      const node = await startGov(readGovConfig({ ...world.env('gov'), JITSUIN_PORT: '0' }), {
        log: silentLog,
      });
      expect((await post(token, node.url)).status).toBe(200);
      await node.close();
    }
    expect(await isLoggedIn(later)).toBe(true);
  });
});

describe('O9: a signature spelled with n - s', () => {
  it('is the same token: no second effect', async () => {
    await loggedIn('taro');
    const token = await goodToken('taro');
    expect((await post(token)).status).toBe(200);
    const later = await loggedIn('taro');
    const [header = '', payload = '', signature = ''] = token.split('.');
    const octets = Buffer.from(signature, 'base64url');
    const s = P256_ORDER - BigInt(`0x${octets.subarray(32).toString('hex')}`);
    const other = Buffer.concat([
      octets.subarray(0, 32),
      Buffer.from(s.toString(16).padStart(64, '0'), 'hex'),
    ]);
    expect((await post(`${header}.${payload}.${other.toString('base64url')}`)).status).toBe(200);
    expect(await isLoggedIn(later)).toBe(true);
  });
});

describe('O20: whose sessions', () => {
  it('all of the sub at once, nobody else’s; both header types are taken', async () => {
    for (const typ of ['JWT', 'logout+jwt'] as const) {
      const browsers = [await loggedIn(), await loggedIn(), await loggedIn()];
      const other = await loggedIn('taro');
      const begun = Date.now();
      expect(new Set(await send({ person: 'hanako', typ }))).toEqual(new Set([200]));
      expect(Date.now() - begun).toBeLessThan(15_000);
      expect(await Promise.all(browsers.map(isLoggedIn))).toEqual([false, false, false]);
      expect(await isLoggedIn(other)).toBe(true);
    }
  });

  it('a running flow ends as cancelled; what is signed for somebody else goes on', async () => {
    const mine = await submitted(world, '<届出>模擬</届出>');
    const others = await submitted(world, '<届出>模擬</届出>');
    for (const [application, person] of [
      [mine, 'hanako'],
      [others, 'taro'],
    ] as const) {
      const browser = new Browser();
      await browser.open(await goToService(browser, application.sign_url ?? '', { person }));
    }
    expect((await applicationOf(world, mine.id)).state).toBe('authorized');
    await send({ person: 'hanako' });
    expect(await applicationOf(world, mine.id)).toMatchObject({
      state: 'cancelled',
      failure: { code: 'transaction.cancelled' },
    });
    await world.startWorker();
    expect((await ended(world, others.id)).verdict?.indication).toBe('TOTAL-PASSED');
    await world.stopWorker();
  });

  it('an unknown sub is answered like a known one', async () => {
    await loggedIn();
    const unknown = '00000000-0000-4000-8000-000000000000';
    expect(new Set(await send({ person: 'hanako', claims: { sub: unknown } }))).toEqual(new Set([200]));
  });
});

describe('O21: the endpoint', () => {
  const url = () => `${world.url}/backchannel-logout`;
  it.each([
    ['GET', () => fetch(url()), 405],
    [
      'JSON',
      () => fetch(url(), { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }),
      400,
    ],
    ['no field', () => fetch(url(), { method: 'POST', body: new URLSearchParams({ token: 'x' }) }), 400],
    [
      'the field twice',
      () => fetch(url(), { method: 'POST', body: new URLSearchParams('logout_token=a&logout_token=b') }),
      400,
    ],
    [
      '1 MB',
      () =>
        fetch(url(), { method: 'POST', body: new URLSearchParams({ logout_token: 'x'.repeat(1_048_576) }) }),
      413,
    ],
  ])('%s', async (_name, request, status) => {
    const answer = await request();
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([status, 'no-store']);
  });
});
