import { describe, expect, it } from 'vitest';
import { permitsOf } from '../../../src/adapters/queue/job-claims.ts';

describe('permits of a limited name', () => {
  it.each([
    [1, { interval: 1_000, jobs: 1 }],
    [20, { interval: 50, jobs: 1 }],
    [30, { interval: 34, jobs: 1 }],
    [40, { interval: 50, jobs: 2 }],
    [1_000, { interval: 50, jobs: 50 }],
    [10_000, { interval: 50, jobs: 500 }],
  ])('%i a second', (max, permit) => {
    expect(permitsOf({ max, durationMillis: 1_000 })).toEqual(permit);
    // never more than the limit, and nearly as much
    const given = (permit.jobs * 1_000) / permit.interval;
    expect(given).toBeLessThanOrEqual(max);
    expect(given).toBeGreaterThan(max * 0.95);
  });
});
