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
    ['a Han character in a katakana word', 'タ力シ', 'look-alike U+529B'],
    ['a katakana in a Chinese word', '努カする', 'look-alike U+30AB'],
  ])('%s', (_, text, expected) => {
    expect(kinds(text)).toEqual([expected]);
  });

  it('a whole word of letters that read as Latin', () => {
    expect(kinds('сора').length).toBe(4);
  });

  it.each([
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
