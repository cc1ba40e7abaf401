import { describe, expect, it } from 'vitest';
import { isNcName } from '../../../src/core/xml/characters.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';
import { refusal } from '../../support/refusal.ts';

type Ranges = readonly (readonly [first: number, last: number])[];

/** XML 1.0 fifth edition, production [2]. */
const CHAR: Ranges = [
  [0x9, 0xa],
  [0xd, 0xd],
  [0x20, 0xd7ff],
  [0xe000, 0xfffd],
  [0x10000, 0x10ffff],
];
/** Production [4] without the colon. */
const NAME_START: Ranges = [
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
  [0xc0, 0xd6],
  [0xd8, 0xf6],
  [0xf8, 0x2ff],
  [0x370, 0x37d],
  [0x37f, 0x1fff],
  [0x200c, 0x200d],
  [0x2070, 0x218f],
  [0x2c00, 0x2fef],
  [0x3001, 0xd7ff],
  [0xf900, 0xfdcf],
  [0xfdf0, 0xfffd],
  [0x10000, 0xeffff],
];
/** Production [4a] without the colon. */
const NAME_CHARACTER: Ranges = [
  ...NAME_START,
  [0x2d, 0x2e],
  [0x30, 0x39],
  [0xb7, 0xb7],
  [0x300, 0x36f],
  [0x203f, 0x2040],
];

const within = (codePoint: number, ranges: Ranges) =>
  ranges.some(([first, last]) => codePoint >= first && codePoint <= last);
const isSurrogate = (codePoint: number) => codePoint >= 0xd800 && codePoint <= 0xdfff;
/** Each edge of each range: the last outside, the first and the last inside, the first outside. */
const edgesOf = (ranges: Ranges) =>
  [...new Set(ranges.flatMap(([first, last]) => [first - 1, first, last, last + 1]))].filter(
    (codePoint) => codePoint >= 0 && codePoint <= 0x10ffff,
  );
const named = (codePoint: number) => `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
const isAccepted = (text: string) => {
  try {
    parseXml(Buffer.from(text));
    return true;
  } catch {
    return false;
  }
};

/** What everyday applications hold, beside the edges: full-width signs, half-width kana, compatibility and private characters. */
const EVERYDAY = [...'￥＃～﹏ｱ｡㈱①Ⅳ𠮷髙葛\u{e0100}\ue000\ufffd'].map(
  (character) => character.codePointAt(0) ?? 0,
);

describe('each edge of Char, production [2]', () => {
  const literal = [...edgesOf(CHAR), ...EVERYDAY].filter((codePoint) => !isSurrogate(codePoint));

  it.each(literal.map((codePoint) => [named(codePoint), codePoint] as const))('%s', (_name, codePoint) => {
    const character = String.fromCodePoint(codePoint);
    const expected = within(codePoint, CHAR);
    const places = [
      `<a>${character}</a>`,
      `<a b="${character}"/>`,
      `<a><!--${character}--></a>`,
      `<a><?p ${character}?></a>`,
      `<a><![CDATA[${character}]]></a>`,
    ];
    // what is markup in a place is judged elsewhere
    if (['<', '&', '"'].includes(character)) return;
    expect(places.map(isAccepted)).toEqual(places.map(() => expected));
  });

  it.each([...edgesOf(CHAR), ...EVERYDAY, 0xdc00, 0x7f, 0x85, 0x9f].map((at) => [named(at), at] as const))(
    '%s as a reference, decimal and hexadecimal, in content and in an attribute',
    (_name, codePoint) => {
      for (const reference of [`&#${codePoint};`, `&#x${codePoint.toString(16)};`]) {
        for (const text of [`<a>${reference}</a>`, `<a b="${reference}"/>`]) {
          if (within(codePoint, CHAR)) expect(isAccepted(text), text).toBe(true);
          else expect(refusal(() => parseXml(Buffer.from(text))).code, text).toBe('xml.not-well-formed');
        }
      }
    },
  );
});

describe('each edge of names, productions [4] and [4a]', () => {
  const all = [...new Set([...edgesOf(NAME_CHARACTER), ...EVERYDAY])].filter(
    (codePoint) => !isSurrogate(codePoint),
  );

  it.each(all.map((codePoint) => [named(codePoint), codePoint] as const))('%s', (_name, codePoint) => {
    const character = String.fromCodePoint(codePoint);
    const first = within(codePoint, NAME_START);
    const later = within(codePoint, NAME_CHARACTER);
    expect([isNcName(character), isNcName(`a${character}`), isNcName(`a${character}b`)]).toEqual([
      first,
      later,
      later,
    ]);
    // what separates or ends a name in a tag is another question there
    if ([...'/>="<:&\t\n\r '].includes(character)) return;
    expect(isAccepted(`<${character}/>`)).toBe(first);
    expect(isAccepted(`<a${character}b/>`)).toBe(later);
    expect(isAccepted(`<a p${character}b=""/>`)).toBe(later);
    expect(isAccepted(`<a${character}:b xmlns:a${character}="urn:a"/>`)).toBe(later);
    expect(isAccepted(`<a><?${character}?></a>`)).toBe(first);
  });
});
