import { describe, expect, it } from 'vitest';
import {
  guardService,
  type MonotonicTimer,
  PATIENT_PROBE_MILLIS,
  PROBE_MILLIS,
} from '../../../src/adapters/auth-and-sign/service-guard.ts';
import { CONNECTIONS_PER_HOST } from '../../../src/adapters/http-client/http-client.ts';
import { systemRandom } from '../../../src/adapters/random.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import type { HttpClient, HttpRequest } from '../../../src/ports/http-client.ts';
import type { LeaseStore } from '../../../src/ports/lease-store.ts';
import { FakeClock, FakeLog } from '../../support/fakes.ts';
import { memoryLeases } from './recorded-service.ts';

const GET = { method: 'GET', url: 'https://op.example/x' } as const;

/** Time that passes only while everybody waits. `stall`: nobody wakes for so long, then all that are due at once. */
class VirtualTime implements MonotonicTimer {
  millis = 0;
  /** What was added to the time of day alone. */
  clockStep = 0;
  readonly #waiting: { readonly at: number; readonly wake: () => void }[] = [];

  now(): number {
    return this.millis;
  }

  pause(millis: number): Promise<void> {
    // as a timer, whose ticks are milliseconds
    return new Promise((wake) => void this.#waiting.push({ at: Math.ceil(this.millis + millis), wake }));
  }

  readonly clock = { now: () => (1_700_000_000_000 + this.millis + this.clockStep) as EpochMillis };

  async stall(millis: number): Promise<void> {
    this.millis += millis;
    await this.#wakeDue();
  }

  /** Goes on until nobody waits, or until `end`. */
  async run(end = Number.POSITIVE_INFINITY): Promise<void> {
    await settle();
    for (;;) {
      const next = Math.min(...this.#waiting.map(({ at }) => at));
      if (next > end || next === Number.POSITIVE_INFINITY) return;
      this.millis = Math.max(this.millis, next);
      await this.#wakeDue();
    }
  }

  async #wakeDue(): Promise<void> {
    const due = this.#waiting.filter(({ at }) => at <= this.millis);
    for (const one of due) {
      this.#waiting.splice(this.#waiting.indexOf(one), 1);
      one.wake();
    }
    await settle();
  }
}

/** Lets everything run that waits for no time. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Several processes on one store: each has a guard of its own over the same leases. */
function processes(
  count: number,
  rate: number,
  options: { clock?: FakeClock; timer?: VirtualTime; statementMillis?: number } = {},
) {
  const memory = memoryLeases();
  let statements = 0;
  const takePermit: LeaseStore['takePermit'] = async (...wish) => {
    statements += 1;
    if (options.statementMillis !== undefined) await timer?.pause(options.statementMillis);
    return memory.takePermit(...wish);
  };
  const leases = { ...memory, takePermit };
  const log = new FakeLog();
  const sent: number[] = [];
  const timer = options.timer;
  const clock = options.clock ?? timer?.clock ?? new FakeClock();
  const service: { status: number; lost: boolean; slow?: Promise<void> | undefined } = {
    ...{ status: 200, lost: false },
  };
  const http: HttpClient = {
    send: async () => {
      sent.push(timer?.now() ?? 0);
      if (service.lost) throw new Error('lost');
      await service.slow;
      return { status: service.status, headers: {}, body: new Uint8Array() };
    },
  };
  const guards = Array.from({ length: count }, () =>
    guardService({
      ...{ http, leases, clock, log, rate, random: systemRandom(clock), name: 'op.example' },
      ...(timer === undefined ? {} : { timer }),
    }),
  );
  const many = (requests: number, request: HttpRequest = GET) =>
    Promise.allSettled(
      Array.from(
        { length: requests },
        (_, index) => guards[index % count]?.send(request) ?? Promise.reject(),
      ),
    );
  return { guards, sent, service, log, many, asked: () => statements };
}

function mostInOneSecond(sent: readonly number[]): number {
  const ordered = [...sent].sort((a, b) => a - b);
  let most = 0;
  let first = 0;
  for (const [n, at] of ordered.entries()) {
    while ((ordered[first] ?? at) <= at - 1_000) first += 1;
    most = Math.max(most, n - first + 1);
  }
  return most;
}

describe('rate over all processes', () => {
  it('never more in any second than the rate, evenly spaced; who would wait too long is turned away unsent', async () => {
    const timer = new VirtualTime();
    const { many, sent } = processes(4, 40, { timer });
    const answering = many(280);
    await timer.run();
    const answers = await answering;
    const done = answers.filter(({ status }) => status === 'fulfilled');
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
    expect(done.length).toBe(sent.length);
    expect(done.length).toBeGreaterThan(150);
    expect(refused.length).toBeGreaterThan(10);
    for (const error of refused) expect(error).toMatchObject({ code: 'upstream.temporary', at: 'turn' });
    expect(mostInOneSecond(sent)).toBeLessThanOrEqual(40);
  });

  it.each([
    [1, 50],
    [4, 1_000],
    [16, 10_000],
  ])('gives what is asked: %i processes, %i calls a second', async (count, rate) => {
    const timer = new VirtualTime();
    const { many, sent } = processes(count, rate, { timer });
    const answering = many(Math.ceil(rate * 1.3));
    await timer.run();
    await answering;
    const most = mostInOneSecond(sent);
    expect(most).toBeLessThanOrEqual(rate);
    expect(most).toBeGreaterThanOrEqual(rate * 0.95);
    expect(sent).toHaveLength(Math.ceil(rate * 1.3));
  });

  it('asks the store seldom: many calls share one statement', async () => {
    const timer = new VirtualTime();
    const { many, asked } = processes(1, 5_000, { timer, statementMillis: 2 });
    const answering = many(2_000);
    await timer.run();
    await answering;
    expect(asked()).toBeLessThan(200);
  });

  it('processes that stood still let nobody go in a heap: the turns they slept through are gone', async () => {
    const timer = new VirtualTime();
    const { many, sent } = processes(2, 20, { timer });
    const answering = many(80);
    await timer.run(1_000);
    await timer.stall(2_500);
    await timer.run();
    await answering;
    // one that has waited longer than it may is turned away
    expect(sent.length).toBeGreaterThanOrEqual(76);
    expect(mostInOneSecond(sent)).toBeLessThanOrEqual(20);
  });

  it('a service that stops answering and then answers all at once sees no heap afterwards', async () => {
    const timer = new VirtualTime();
    const { many, sent, service } = processes(1, 20, { timer });
    let answerAll: () => void = () => undefined;
    service.slow = new Promise((resolve) => {
      answerAll = resolve;
    });
    const answering = many(60);
    await timer.run(4_000);
    expect(sent).toHaveLength(CONNECTIONS_PER_HOST);
    service.slow = undefined;
    answerAll();
    await timer.run();
    await answering;
    expect(sent.length).toBeGreaterThan(CONNECTIONS_PER_HOST + 20);
    expect(mostInOneSecond(sent)).toBeLessThanOrEqual(20);
  });

  it('turns a crowd away at once that has waited too long behind a service that hangs', async () => {
    const timer = new VirtualTime();
    const { many, service } = processes(1, 20, { timer });
    let answerAll: () => void = () => undefined;
    service.slow = new Promise((resolve) => {
      answerAll = resolve;
    });
    const answering = many(20_000);
    await timer.run(1_000);
    await timer.stall(20_000);
    service.slow = undefined;
    answerAll();
    await timer.run();
    const answers = await answering;
    const codes = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason.code] : []));
    expect(codes.length).toBeGreaterThan(19_900);
    expect(new Set(codes)).toEqual(new Set(['upstream.temporary']));
  });

  it('Q10: a step of the time of day in the middle lets nobody go in a heap', async () => {
    for (const step of [60_000, -60_000, 2 * 3_600_000, -2 * 3_600_000]) {
      const timer = new VirtualTime();
      const { many, sent } = processes(1, 20, { timer });
      const before = many(60);
      await timer.run(500);
      timer.clockStep = step;
      const after = many(60);
      await timer.run();
      await Promise.all([before, after]);
      expect(sent.length, String(step)).toBeGreaterThanOrEqual(60);
      expect(mostInOneSecond(sent), String(step)).toBeLessThanOrEqual(20);
    }
  });

  it('what a code hangs on still gets its turn when all others are turned away', async () => {
    const timer = new VirtualTime();
    const { many } = processes(2, 10, { timer });
    const crowd = many(200);
    await settle();
    const exchange = many(2, { ...GET, connection: 'fresh' });
    const keys = many(2, { ...GET, patience: 'long' });
    await timer.run();
    expect((await crowd).some(({ status }) => status === 'rejected')).toBe(true);
    for (const { status } of [...(await exchange), ...(await keys)]) expect(status).toBe('fulfilled');
  });
});

describe('maintenance', () => {
  it('after one 503 nobody asks but one probe in 30 s, over all processes, until it is over', async () => {
    const clock = new FakeClock();
    const { guards, sent, service, log } = processes(3, 1_000, { clock });
    const all = () => Promise.allSettled(guards.map((guard) => guard.send(GET)));
    service.status = 503;
    await guards[0]?.send(GET);
    expect(sent).toHaveLength(1);
    const refused = await all();
    expect(sent).toHaveLength(1);
    for (const answer of refused)
      expect(answer).toMatchObject({
        reason: { code: 'upstream.temporary', at: 'maintenance', upstream: { row: 'start-13' } },
      });
    for (let probes = 2; probes < 6; probes += 1) {
      clock.advance(PROBE_MILLIS - 1);
      await all();
      expect(sent).toHaveLength(probes - 1);
      clock.advance(1);
      await all();
      expect(sent).toHaveLength(probes);
    }
    service.status = 200;
    clock.advance(PROBE_MILLIS);
    await all();
    await all();
    expect(sent.length).toBeGreaterThanOrEqual(5 + 1 + 3);
    expect(log.lines.map(({ event }) => event)).toEqual(['service.maintenance', 'service.maintenance-over']);
  });

  it('is of one endpoint alone, whatever ids stand in its path', async () => {
    const { guards, sent, service } = processes(1, 1_000, { clock: new FakeClock() });
    const url = (path: string) => ({ method: 'GET', url: `https://op.example${path}` }) as const;
    const result = (id: string) => url(`/api/sign-transactions/${id}/result`);
    service.status = 503;
    await guards[0]?.send(result('00000000-0000-0000-0000-00000000000a'));
    service.status = 200;
    await expect(guards[0]?.send(result('00000000-0000-0000-0000-00000000000b'))).rejects.toMatchObject({
      at: 'maintenance',
    });
    await guards[0]?.send({ ...url('/token'), method: 'POST' });
    await guards[0]?.send(url('/userinfo'));
    expect(sent).toHaveLength(3);
  });

  it('what a code hangs on waits, may ask after 5 s, and opens the way for all', async () => {
    const timer = new VirtualTime();
    const { guards, sent, service } = processes(2, 1_000, { timer });
    service.status = 503;
    const first = guards[0]?.send({ ...GET, connection: 'fresh' });
    await timer.run();
    await first;
    service.status = 200;
    const exchange = guards[1]?.send({ ...GET, connection: 'fresh' });
    await expect(guards[0]?.send(GET)).rejects.toMatchObject({ at: 'maintenance' });
    await timer.run();
    expect(await exchange).toMatchObject({ status: 200 });
    expect(sent).toHaveLength(2);
    expect(sent[1]).toBeGreaterThanOrEqual(PATIENT_PROBE_MILLIS);
    const after = guards[0]?.send(GET);
    await timer.run();
    expect(await after).toMatchObject({ status: 200 });
  });

  it('an endpoint that hangs holds up no other', async () => {
    const timer = new VirtualTime();
    const { guards, service } = processes(1, 1_000, { timer });
    service.slow = new Promise(() => undefined);
    for (let n = 0; n < CONNECTIONS_PER_HOST + 5; n += 1) void guards[0]?.send(GET).catch(() => undefined);
    await timer.run(3_000);
    service.slow = undefined;
    const other = guards[0]?.send({ ...GET, url: 'https://op.example/token' });
    await timer.run(4_000);
    expect(await other).toMatchObject({ status: 200 });
  });

  it('a probe without an answer leaves it closed; the next one comes after its time', async () => {
    const clock = new FakeClock();
    const { guards, sent, service } = processes(2, 1_000, { clock });
    service.status = 503;
    await guards[0]?.send(GET);
    clock.advance(PROBE_MILLIS);
    service.lost = true;
    await expect(guards[1]?.send(GET)).rejects.toThrow('lost');
    await expect(guards[0]?.send(GET)).rejects.toMatchObject({ at: 'maintenance' });
    service.lost = false;
    service.status = 400;
    clock.advance(PROBE_MILLIS);
    expect((await guards[0]?.send(GET))?.status).toBe(400);
    expect((await guards[1]?.send(GET))?.status).toBe(400);
    expect(sent).toHaveLength(4);
  });

  it.each([200, 400, 401, 429, 500])('%i is no maintenance', async (status) => {
    const { guards, sent, service } = processes(1, 1_000);
    service.status = status;
    for (let count = 0; count < 3; count += 1) await guards[0]?.send(GET);
    expect(sent).toHaveLength(3);
  });
});
