import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Slots } from '../../../src/adapters/queue/slots.ts';

const lane = (endpoint: string, tenant = `tenant of ${endpoint}`) => ({ endpoint, tenant });
const NONE = { endpoint: null, tenant: null };

describe('slots of one job name', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('are as many as the concurrency where nothing is said of lanes', () => {
    const slots = new Slots({ concurrency: 2 }, () => undefined);
    expect([slots.free, slots.most, slots.hasLanes]).toEqual([2, 2, false]);
    const leave = slots.take(NONE);
    slots.take(NONE);
    expect([slots.free, slots.choose([NONE])]).toEqual([0, []]);
    leave();
    expect(slots.choose([NONE, NONE])).toEqual([NONE]);
  });

  it('go to the oldest whose endpoint and tenant have runs to spare', () => {
    const slots = new Slots({ concurrency: 10, perEndpoint: 2, perTenant: 3 }, () => undefined);
    const rows = [
      lane('a', 't'),
      lane('a', 't'),
      lane('a', 't'),
      lane('b', 't'),
      lane('c', 't'),
      lane('d'),
      NONE,
    ];
    expect(slots.choose(rows)).toEqual([lane('a', 't'), lane('a', 't'), lane('b', 't'), lane('d'), NONE]);
    for (const row of slots.choose(rows)) slots.take(row);
    expect(slots.full()).toEqual({ endpoints: ['a'], tenants: ['t'] });
    expect(slots.choose([lane('a', 'other'), lane('b', 't'), lane('d')])).toEqual([lane('d')]);
  });

  it('come back from a run that waits for a stranger, while its lane stays full', () => {
    const freed = vi.fn();
    const slots = new Slots({ concurrency: 1, patienceMillis: 2_000, most: 3, perEndpoint: 1 }, freed);
    slots.take(lane('silent'));
    expect(slots.free).toBe(0);
    vi.advanceTimersByTime(2_000);
    expect([slots.free, freed.mock.calls.length]).toEqual([1, 1]);
    expect(slots.choose([lane('silent'), lane('b')])).toEqual([lane('b')]);
  });

  it('are bounded in all, also where every run waits for a stranger', () => {
    const slots = new Slots({ concurrency: 1, patienceMillis: 2_000, most: 2 }, () => undefined);
    slots.take(lane('a'));
    vi.advanceTimersByTime(2_000);
    const leave = slots.take(lane('b'));
    vi.advanceTimersByTime(2_000);
    expect(slots.free).toBe(0);
    leave();
    expect(slots.free).toBe(1);
  });
});
