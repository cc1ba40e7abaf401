import { describe, expect, it } from 'vitest';
import { fromUtf8 } from '../../../src/core/encoding.ts';
import { replaced, twinsIn } from '../../../src/verifier/explain/japanese-text.ts';
import { OctetBudget } from '../../../src/verifier/explain/octet-budget.ts';
import { twinChanges } from '../../../src/verifier/explain/text-changes.ts';

/** What CP932 has two mappings for, one of each vendor's (JIS X 0208, Microsoft's code page). */
const TWINS = [
  ['〜', '～'],
  ['−', '－'],
  ['‖', '∥'],
  ['¢', '￠'],
  ['£', '￡'],
  ['¬', '￢'],
  ['¦', '￤'],
  ['¥', '￥'],
] as const;

describe('characters that a trip through CP932 changes', () => {
  it.each(TWINS)('%s and %s: each stands for the other, where it stands', (one, other) => {
    const stand = (text: string) => twinsIn(text).map(([here, there]) => here + there);
    expect(stand(`a${one}`)).toContain(one + other);
    expect(stand(`a${one}`)).not.toContain(other + one);
    expect(stand(`${other}b`)).toContain(other + one);
    expect(stand(`${other}b`)).not.toContain(one + other);
    expect(stand(one + other)).toEqual(expect.arrayContaining([one + other, other + one]));
    expect(replaced(`<${one}>`, [[one, other]])).toBe(`<${other}>`);
  });

  it('none: nothing', () => {
    expect(twinsIn('住民 太郎 - 1〒')).toEqual([]);
    expect(twinChanges('住民')).toEqual([]);
  });

  it.each([
    [1, 1],
    [2, 3],
    [3, 7],
    [4, 15],
    [5, 15],
    [7, 15],
  ])(
    '%d of them: all at once, then every set of the first four, the largest first; %d in all',
    (held, sets) => {
      const text = ['〜', '−', '‖', '¢', '£', '¬', '¦'].slice(0, held).join('');
      const changes = twinChanges(text).map(({ apply }) =>
        fromUtf8(apply(text, new OctetBudget(1_000)) ?? Buffer.from('')),
      );
      const changed = changes.map(
        (each) => [...each].filter((character) => !text.includes(character)).length,
      );
      expect(new Set(changes).size).toBe(changes.length);
      expect(changes).toHaveLength(sets);
      expect(changed[0]).toBe(held);
      expect(changed).toEqual(changed.toSorted((a, b) => b - a));
      expect(changed.at(-1)).toBe(held > 4 ? held - 3 : 1);
    },
  );
});
