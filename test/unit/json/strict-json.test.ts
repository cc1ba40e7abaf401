import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject, parseStrictJson } from '../../../src/core/json/strict-json.ts';

const plain = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value));

describe('parseStrictJson', () => {
  it('reads what JSON.parse reads, with the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, undefined, space);
        expect(plain(parseStrictJson(text))).toEqual(JSON.parse(text));
      }),
      { numRuns: 300 },
    );
  });

  it('refuses what JSON.parse refuses', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'{}[]",:0123456789.-+eE truefalsn\\u\n\t') }),
        (text) => {
          let accepted = true;
          try {
            JSON.parse(text);
          } catch {
            accepted = false;
          }
          if (!accepted) expect(parseStrictJson(text)).toBeUndefined();
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['a member twice', '{"a":1,"b":2,"a":1}'],
    ['a member twice by escape', '{"a":1,"\\u0061":1}'],
    ['a member twice, deep', '{"x":[{"a":1,"a":1}]}'],
    ['a lone surrogate', '"\\ud83d"'],
    ['a lone surrogate as a name', '{"\\udc00":1}'],
    ['a number without end', '1e999'],
    ['nine levels', '[[[[[[[[[]]]]]]]]]'],
    ['a control character', '"a\u0000"'],
    ['a trailing comma', '[1,]'],
    ['a BOM', '\ufeff{}'],
    ['another white space', '\u00a0{}'],
    ['a leading zero', '01'],
    ['a comment', '{}//'],
    ['nothing', ''],
  ])('refuses %s', (_name, text) => {
    expect(parseStrictJson(text)).toBeUndefined();
  });

  it('accepts eight levels, pairs of surrogates, DEL and C1 controls as RFC 8259 does', () => {
    expect(parseStrictJson('[[[[[[[[]]]]]]]]')).toBeDefined();
    expect(parseStrictJson('"\\ud842\\udfb7\u007f\u0085"')).toBe('𠮷\u007f\u0085');
    expect(parseStrictJson('null')).toBeNull();
  });

  it('objects have no prototype, so __proto__ is a member like any other', () => {
    const value = parseStrictJson('{"__proto__":{"admin":true}}');
    expect(isJsonObject(value) && Object.getPrototypeOf(value)).toBeNull();
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
  });

  it('a string of ten megabytes takes no stack', () => {
    expect(parseStrictJson(`"${'\\n'.repeat(5_000_000)}"`)).toHaveLength(5_000_000);
    expect(parseStrictJson('['.repeat(1_000_000))).toBeUndefined();
  });
});
