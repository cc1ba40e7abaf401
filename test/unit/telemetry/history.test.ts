import { describe, expect, it } from 'vitest';
import { percentile } from '../../../src/adapters/telemetry/history.ts';

const buckets = (...entries: readonly (readonly [number, number])[]) => new Map(entries);
const INFINITE = Number.POSITIVE_INFINITY;

describe('the 95th percentile of what came since the sample before', () => {
  it.each([
    ['nothing came', buckets([0.1, 5], [INFINITE, 5]), buckets([0.1, 5], [INFINITE, 5]), 0],
    ['all quick', buckets([0.1, 100], [1, 100], [INFINITE, 100]), buckets(), 0.1],
    ['one of ten slow', buckets([0.1, 9], [1, 10], [INFINITE, 10]), buckets(), 1],
    ['one of a hundred slow', buckets([0.1, 99], [1, 100], [INFINITE, 100]), buckets(), 0.1],
    [
      'old ones do not count',
      buckets([0.1, 100], [1, 101], [INFINITE, 101]),
      buckets([0.1, 100], [1, 100], [INFINITE, 100]),
      1,
    ],
    ['beyond the last bound', buckets([0.1, 0], [1, 0], [INFINITE, 4]), buckets(), 1],
  ])('%s', (_what, now, before, expected) => {
    expect(percentile(now, before, 0.95)).toBe(expected);
  });
});
