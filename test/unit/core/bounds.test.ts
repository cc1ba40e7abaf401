import { describe, expect, it } from 'vitest';
import { createRests } from '../../../src/adapters/webhook/endpoint-slots.ts';
import { backOffMillis } from '../../../src/core/back-off.ts';
import { BoundedMap } from '../../../src/core/bounded-map.ts';

describe('back-off', () => {
  it.each([
    [0, 5],
    [1, 5],
    [2, 10],
    [3, 20],
    [4, 40],
    [5, 50],
    [6, 50],
    [10_000, 50],
  ])('after %i failures waits %i ms, doubled from the first, at most the longest', (failures, wait) => {
    expect(backOffMillis(failures, 5, 50)).toBe(wait);
  });
});

describe('a bounded map', () => {
  it('forgets the key that came first where a new one is one too many, and none for a key it has', () => {
    const map = new BoundedMap<string, number>(2).set('a', 1).set('b', 2).set('a', 3);
    expect([...map]).toEqual([
      ['a', 3],
      ['b', 2],
    ]);
    map.set('c', 4);
    expect([...map]).toEqual([
      ['b', 2],
      ['c', 4],
    ]);
  });

  it('bounds what is remembered of endpoints that are silent: the ten-thousandth and first is forgotten', () => {
    const rest = createRests();
    const silent = { code: 'upstream.timeout' } as const;
    expect(rest('first', silent)).toBe(30_000);
    for (let other = 0; other < 9_999; other += 1) rest(`other-${other}`, silent);
    expect(rest('first', silent)).toBe(60_000);
    rest('one more', silent);
    expect(rest('first', silent)).toBe(30_000);
  });
});
