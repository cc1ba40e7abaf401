import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { DOCUMENT } from '../../support/api-worlds.ts';
import { api, type RpWorld, startRpWorld, submit, submitted } from '../rp/world.ts';

const SLOW_CLIENTS = 100;
const TENANT_RATE = 20;
/** 10 s for headers, 30 s for a request, 2 s between two looks, and what a full machine adds. */
const CUT_LIMIT = 90_000;

let world: RpWorld;
beforeAll(async () => {
  world = await startRpWorld('sp', { env: { JITSUIN_TENANT_RATE: String(TENANT_RATE) } });
});
afterAll(() => world.close());

/** A connection that says `opening` and then a byte a second; resolves when it was cut. */
function slowClient(opening: string): { readonly socket: Socket; readonly cut: Promise<void> } {
  const { hostname, port } = new URL(world.url);
  const socket = connect(Number(port), hostname, () => void socket.write(opening));
  const drip = setInterval(() => void (socket.writable && socket.write('x')), 1_000);
  socket.on('error', () => undefined);
  // what the server says is read, or its end would never be seen
  socket.resume();
  const cut = new Promise<void>((resolve) => {
    socket.once('close', () => {
      clearInterval(drip);
      resolve();
    });
  });
  return { socket, cut };
}

describe('slow clients (A7)', () => {
  it(`${SLOW_CLIENTS + TENANT_RATE / 2} that send a byte a second are cut, and honest requests are answered meanwhile`, {
    timeout: 2 * CUT_LIMIT,
  }, async () => {
    const inHeaders = Array.from({ length: SLOW_CLIENTS }, () =>
      slowClient('GET /livez HTTP/1.1\r\nHost: a\r\nX-Slow: '),
    );
    const head = `POST /v1/applications HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${world.apiKey}\r\n`;
    const body = `Idempotency-Key: slow\r\nContent-Type: application/xml\r\nContent-Length: 60000\r\n\r\n`;
    const inBodies = Array.from({ length: TENANT_RATE / 2 }, () => slowClient(`${head}${body}`));
    const all = [...inHeaders, ...inBodies];
    for (let n = 0; n < 5; n += 1) {
      const answer = await submit(world, DOCUMENT, { apiKey: world.otherApiKey });
      expect(answer.status).toBe(201);
    }
    expect(all.some(({ socket }) => !socket.closed)).toBe(true);
    await Promise.race([
      Promise.all(all.map(({ cut }) => cut)),
      new Promise((_, reject) => setTimeout(() => reject(new Error('not cut')), CUT_LIMIT).unref()),
    ]);
    expect((await submit(world, DOCUMENT, { apiKey: world.otherApiKey })).status).toBe(201);
  });
});

describe('one tenant’s storm (A17)', () => {
  it('is answered 429 with Retry-After, and the other tenant is answered as ever', async () => {
    const storm = await Promise.all(
      Array.from({ length: 10 * TENANT_RATE }, () => api(world, '/v1/applications?limit=1')),
    );
    const refused = storm.filter(({ status }) => status === 429);
    expect(new Set(storm.map(({ status }) => status))).toEqual(new Set([200, 429]));
    for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    const other = { ...world, apiKey: world.otherApiKey };
    const calm = await Promise.all(
      Array.from({ length: TENANT_RATE / 4 }, () => api(other, '/v1/applications?limit=1')),
    );
    expect(new Set(calm.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

describe('maintenance of the service, end to end (Q11)', () => {
  it('after one 503 nothing is asked but a probe; submissions are taken in, and signing goes on when it is over', {
    timeout: 150_000,
  }, async () => {
    const access = { ...world, apiKey: world.otherApiKey };
    world.simulator.faults.next('start', 'maintenance', { times: 100 });
    const views: Awaited<ReturnType<typeof submitted>>[] = [];
    for (let n = 0; n < 5; n += 1) views.push(await submitted(access, DOCUMENT));
    // all but the first were turned away by the breaker without a request
    expect(world.simulator.faults.pending('start')).toBe(99);
    expect(new Set(views.map(({ state }) => state))).toEqual(new Set(['received']));
    expect(world.logLines.filter((line) => line.includes('service.maintenance'))).toHaveLength(1);
    world.simulator.faults.clear('start');
    const [view] = views;
    const browser = new Browser();
    await expect
      .poll(
        async () => {
          const page = await browser.visit(view?.sign_url ?? '');
          return (await browser.submit(page, '/sign')).location !== undefined;
        },
        { timeout: 100_000, interval: 2_000 },
      )
      .toBe(true);
    expect(world.logLines.some((line) => line.includes('service.maintenance-over'))).toBe(true);
  });
});
