import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Places } from '../../../src/adapters/queue/places.ts';

const lane = (endpoint: string, tenant = `tenant of ${endpoint}`) => ({ endpoint, tenant });
const NONE = { endpoint: null, tenant: null };

describe('places of one job name', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('are as many as the concurrency where nothing is said of lanes', () => {
    const places = new Places({ concurrency: 2 }, () => undefined);
    expect([places.free, places.most, places.hasLanes]).toEqual([2, 2, false]);
    const leave = places.take(NONE);
    places.take(NONE);
    expect([places.free, places.choose([NONE])]).toEqual([0, []]);
    leave();
    expect(places.choose([NONE, NONE])).toEqual([NONE]);
  });

  it('go to the oldest whose endpoint and tenant have runs to spare', () => {
    const places = new Places({ concurrency: 10, perEndpoint: 2, perTenant: 3 }, () => undefined);
    const rows = [
      lane('a', 't'),
      lane('a', 't'),
      lane('a', 't'),
      lane('b', 't'),
      lane('c', 't'),
      lane('d'),
      NONE,
    ];
    expect(places.choose(rows)).toEqual([lane('a', 't'), lane('a', 't'), lane('b', 't'), lane('d'), NONE]);
    for (const row of places.choose(rows)) places.take(row);
    expect(places.full()).toEqual({ endpoints: ['a'], tenants: ['t'] });
    expect(places.choose([lane('a', 'other'), lane('b', 't'), lane('d')])).toEqual([lane('d')]);
  });

  it('come back from a run that waits for a stranger, while its lane stays full', () => {
    const freed = vi.fn();
    const places = new Places({ concurrency: 1, patienceMillis: 2_000, most: 3, perEndpoint: 1 }, freed);
    places.take(lane('silent'));
    expect(places.free).toBe(0);
    vi.advanceTimersByTime(2_000);
    expect([places.free, freed.mock.calls.length]).toEqual([1, 1]);
    expect(places.choose([lane('silent'), lane('b')])).toEqual([lane('b')]);
  });

  it('are bounded in all, also where every run waits for a stranger', () => {
    const places = new Places({ concurrency: 1, patienceMillis: 2_000, most: 2 }, () => undefined);
    places.take(lane('a'));
    vi.advanceTimersByTime(2_000);
    const leave = places.take(lane('b'));
    vi.advanceTimersByTime(2_000);
    expect(places.free).toBe(0);
    leave();
    expect(places.free).toBe(1);
  });
});
