import { describe, expect, it } from 'vitest';
import {
  either,
  fits,
  flag,
  integer,
  list,
  object,
  oneOf,
  record,
  text,
} from '../../../src/core/json/shape.ts';

const shape = object(
  { name: text(/^[a-z]+$/), age: integer(0, 150), tags: list(oneOf('a', 'b'), 2) },
  { extra: either(flag, object({ n: integer() })), map: record(integer()) },
);

describe('a closed shape', () => {
  it('accepts what fits', () => {
    expect(shape.fault({ name: 'x', age: 1, tags: [] })).toBeUndefined();
    expect(fits(shape, { name: 'x', age: 0, tags: ['a', 'b'], extra: { n: 1 }, map: { k: 2 } })).toBe(true);
  });

  it.each([
    ['a missing member', { name: 'x', age: 1 }, 'tags'],
    ['an unknown member', { name: 'x', age: 1, tags: [], other: 1 }, 'other'],
    ['a wrong text', { name: 'X', age: 1, tags: [] }, 'name'],
    ['a fraction', { name: 'x', age: 1.5, tags: [] }, 'age'],
    ['out of range', { name: 'x', age: 151, tags: [] }, 'age'],
    ['a wrong item', { name: 'x', age: 1, tags: ['a', 'c'] }, 'tags.1'],
    ['too many items', { name: 'x', age: 1, tags: ['a', 'a', 'a'] }, 'tags'],
    ['neither', { name: 'x', age: 1, tags: [], extra: { n: 'x' } }, 'extra.n'],
    ['a wrong value in a map', { name: 'x', age: 1, tags: [], map: { k: 'x' } }, 'map.k'],
    ['an own member without a value', { name: 'x', age: 1, tags: [], extra: undefined }, 'extra'],
  ])('names where %s differs', (_name, value, at) => {
    expect(shape.fault(value)).toBe(at);
  });

  it.each([[null], [[]], ['x'], [undefined]])('%j is no object', (value) => {
    expect(shape.fault(value)).toBe('');
  });

  it('an inherited member does not count', () => {
    expect(object({ toString: text() }).fault({})).toBe('toString');
    expect(shape.fault(Object.create({ name: 'x', age: 1, tags: [] }))).toBe('name');
  });
});
