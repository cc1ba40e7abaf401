import { describe, expect, it } from 'vitest';
import { reveal } from '../../../src/web/characters/reveal.ts';
import { revealed } from '../../../src/web/characters/revealed.ts';

const kinds = (text: string) =>
  reveal(text)
    .filter((piece) => piece.kind !== 'plain')
    .map((piece) => `${piece.kind} ${'codePoint' in piece ? piece.codePoint : ''}`);

describe('X30: what is not what it seems is pointed out', () => {
  it.each([
    ['zero width space', '山\u200b田', 'invisible U+200B'],
    ['byte order mark inside', 'a\ufeffb', 'invisible U+FEFF'],
    ['tag character', 'a\u{e0041}', 'invisible U+E0041'],
    ['right-to-left override', 'abc\u202efdp.exe', 'direction U+202E'],
    ['isolate', '\u2066a', 'direction U+2066'],
    ['no-break space', '1\u00a0000', 'invisible U+00A0'],
    ['Hangul filler', 'a\u3164b', 'invisible U+3164'],
    ['stray variation selector', 'a\ufe0f', 'invisible U+FE0F'],
    ['bell', 'a\u0007', 'invisible U+0007'],
    ['combining sound mark', 'か\u3099', 'combining U+3099'],
    ['private use', '\ue000', 'unassigned U+E000'],
    ['Cyrillic a in a Latin word', 'pаypal', 'look-alike U+0430'],
    ['Lisu letters in a Latin word', '\ua4d0ank', 'look-alike U+A4D0'],
    ['Cherokee in a Latin word', 'b\u13aaok', 'look-alike U+13AA'],
    ['Coptic in a Latin word', '\u2c9faypal', 'look-alike U+2C9F'],
    ['a mathematical letter', 'pay\u{1d44e}', 'look-alike U+1D44E'],
    ['a mathematical digit', '1\u{1d7ce}0円', 'look-alike U+1D7CE'],
    ['a small capital', '\u1d00bc', 'look-alike U+1D00'],
    ['an Arabic-Indic digit', '1\u0660000円', 'look-alike U+0660'],
    ['an extended Arabic-Indic digit', '\u06f51円', 'look-alike U+06F5'],
    ['a Devanagari digit', '1\u0966円', 'look-alike U+0966'],
    ['a Kangxi radical', '努\u2f12', 'look-alike U+2F12'],
    ['a CJK radical', '\u2ea0日', 'look-alike U+2EA0'],
    ['a compatibility ideograph', '山\uf923', 'look-alike U+F923'],
    ['a compatibility ideograph of the supplement', '\u{2f800}', 'look-alike U+2F800'],
    ['a dotless i', 'f\u0131le', 'look-alike U+0131'],
    ['a Han character in a katakana word', 'タ力シ', 'look-alike U+529B'],
    ['a katakana in a Chinese word', '努カする', 'look-alike U+30AB'],
  ])('%s', (_, text, expected) => {
    expect(kinds(text)).toEqual([expected]);
  });

  it('a whole word of letters that read as Latin', () => {
    expect(kinds('сора').length).toBe(4);
  });

  it.each([
    ['ideographs that are of the compatibility block and unified', '\ufa11本'],
    ['Roman numerals', '第Ⅱ種'],
    ['Arabic with its digits', 'سنة ١٩٩٩'],
    ['spaces between words', '模擬　太郎'],
    ['a name with a variant', '葛\u{e0100}飾区'],
    ['rare characters', '髙𠮷塚'],
    ['full width', 'ABC 123'],
    ['months', '三カ月、二ヶ月'],
    ['katakana words', 'カタカナ・データ一覧'],
    ['Russian as such', 'Журнал «Наука»'],
    ['Latin with accents', 'Zoë Café'],
    ['Greek as such', 'λόγος'],
    ['line break and tab', 'a\n\tb'],
    ['polite half width', '1丁目2-3'],
  ])('%s stays as it is', (_, text) => {
    expect(reveal(text)).toEqual([{ kind: 'plain', text }]);
  });

  it.each(['\ufeff', '\u00a0', '\u2003', '\u2028', '\u202f', '\u3000', '\u3000 \u3000', '\u00a0\u3000'])(
    'a text of %j alone is shown by its code points',
    (text) => {
      const seen = [...text].filter((character) => character !== ' ');
      expect(kinds(text).map((kind) => kind.replace(/^\S+ U\+/, ''))).toEqual(
        seen.map((character) => character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')),
      );
    },
  );

  it('the pieces are the text, and markup in it stays text', () => {
    const text = 'a\u202eb<script>\u200b力カ';
    expect(
      reveal(text)
        .map((piece) => ('text' in piece ? piece.text : piece.character))
        .join(''),
    ).toBe(text);
    const { markup } = revealed(text);
    expect(markup).toContain('&lt;script&gt;');
    expect(markup).not.toMatch(/[\u202e\u200b]|<script/);
  });
});
