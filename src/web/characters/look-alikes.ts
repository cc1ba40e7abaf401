import { ASCII_LOOK_ALIKES, TABLE_KATAKANA_OF_HAN } from './unicode-look-alikes.ts';

/**
 * Letters that read as others. Only pairs that fonts for Japanese draw alike are listed; a letter is told apart by its
 * neighbours (`reveal.ts`), since each one is right in its own place.
 */

/** Letters that look like Latin ones and that the table of Unicode does not name. */
const MORE_OF_LATIN = 'ԼնχТоՏ';

/** Letters of other scripts that look like Latin ones. */
export const LATIN_LOOK_ALIKES: ReadonlySet<string> = new Set([...ASCII_LOOK_ALIKES, ...MORE_OF_LATIN]);

/** Chinese characters that look like katakana, and the katakana: of the table, and what fonts for Japanese add. */
export const KATAKANA_OF_HAN: Readonly<Record<string, string>> = {
  ...TABLE_KATAKANA_OF_HAN,
  千: 'チ',
  才: 'オ',
  乇: 'モ',
  丿: 'ノ',
  乂: 'メ',
  又: 'ヌ',
  三: 'ミ',
};

export const HAN_OF_KATAKANA: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(KATAKANA_OF_HAN)
    .filter(([, katakana]) => katakana !== 'ー')
    .map(([han, katakana]) => [katakana, han]),
);

/** What Unicode writes for nothing to be seen, beside the categories Cc, Cf, Zl and Zp. */
export const BLANKS: ReadonlySet<string> = new Set(
  [
    0x034f,
    0x115f,
    0x1160,
    0x17b4,
    0x17b5,
    0x2800,
    0x3164,
    0xffa0,
    0x00a0,
    0x1680,
    0x202f,
    0x205f,
    ...Array.from({ length: 11 }, (_, index) => 0x2000 + index),
  ].map((point) => String.fromCodePoint(point)),
);
