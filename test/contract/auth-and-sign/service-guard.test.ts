import { describe, expect, it } from 'vitest';
import { guardService, PROBE_MILLIS } from '../../../src/adapters/auth-and-sign/service-guard.ts';
import { systemClock } from '../../../src/adapters/clock.ts';
import { systemRandom } from '../../../src/adapters/random.ts';
import type { HttpClient } from '../../../src/ports/http-client.ts';
import { FakeClock, FakeLog } from '../../support/fakes.ts';
import { memoryLeases } from './recorded-service.ts';

const GET = { method: 'GET', url: 'https://op.example/x' } as const;

/** Several processes on one store: each has a guard of its own over the same leases. */
function processes(
  count: number,
  rate: number,
  clock: { now(): ReturnType<FakeClock['now']> } = systemClock,
) {
  const leases = memoryLeases();
  const log = new FakeLog();
  const sent: number[] = [];
  const service = { status: 200, lost: false };
  const http: HttpClient = {
    send: async () => {
      sent.push(performance.now());
      if (service.lost) throw new Error('lost');
      return { status: service.status, headers: {}, body: new Uint8Array() };
    },
  };
  const guards = Array.from({ length: count }, () =>
    guardService({ http, leases, clock, random: systemRandom(clock), log, name: 'op.example', rate }),
  );
  return { guards, sent, service, log };
}

describe('rate over all processes', () => {
  it('never more in any second than the rate, evenly spaced; who would wait too long is turned away unsent', async () => {
    const { guards, sent } = processes(4, 40);
    const answers = await Promise.allSettled(
      Array.from({ length: 260 }, (_, index) => guards[index % 4]?.send(GET) ?? Promise.reject()),
    );
    const done = answers.filter(({ status }) => status === 'fulfilled');
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
    expect(done.length).toBe(sent.length);
    expect(done.length).toBeGreaterThan(150);
    expect(refused.length).toBeGreaterThan(10);
    for (const error of refused) expect(error).toMatchObject({ code: 'upstream.temporary', at: 'turn' });
    for (const from of sent) {
      expect(sent.filter((at) => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(40);
    }
  });
});

describe('maintenance', () => {
  it('after one 503 nobody asks but one probe in 30 s, over all processes, until it is over', async () => {
    const clock = new FakeClock();
    const { guards, sent, service, log } = processes(3, 1_000, clock);
    const all = () => Promise.allSettled(guards.map((guard) => guard.send(GET)));
    service.status = 503;
    await guards[0]?.send(GET);
    expect(sent).toHaveLength(1);
    const refused = await all();
    expect(sent).toHaveLength(1);
    for (const answer of refused)
      expect(answer).toMatchObject({ reason: { code: 'upstream.temporary', at: 'maintenance' } });
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

  it('a probe without an answer leaves it closed; the next one comes after its time', async () => {
    const clock = new FakeClock();
    const { guards, sent, service } = processes(2, 1_000, clock);
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
    const { guards, sent, service } = processes(1, 1_000, new FakeClock());
    service.status = status;
    for (let count = 0; count < 3; count += 1) await guards[0]?.send(GET);
    expect(sent).toHaveLength(3);
  });
});
