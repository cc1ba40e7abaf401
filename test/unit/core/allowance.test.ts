import { expect, it } from 'vitest';
import { createAllowance } from '../../../src/core/allowance.ts';

it('what a stranger can cause is recorded so many times in a span, then again in the next', () => {
  const allowance = createAllowance(3, 60_000);
  expect([0, 1, 2, 3, 59_999].map((at) => allowance.take(at))).toEqual([true, true, true, false, false]);
  expect(allowance.take(60_000)).toBe(true);
});
