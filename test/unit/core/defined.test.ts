import { describe, expect, it } from 'vitest';
import { defined } from '../../../src/core/defined.ts';

describe('defined', () => {
  it('leaves out what is undefined and nothing else', () => {
    const record = defined({ a: 0, b: '', c: false, d: null, e: undefined });
    expect(Object.keys(record)).toEqual(['a', 'b', 'c', 'd']);
    expect(record).toEqual({ a: 0, b: '', c: false, d: null });
  });

  it('keeps the order of the members, which is the order of what is written', () => {
    expect(JSON.stringify(defined({ z: 1, a: undefined, b: 2 }))).toBe('{"z":1,"b":2}');
  });
});
