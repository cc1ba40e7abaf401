import { BLANKS, HAN_OF_KATAKANA, KATAKANA_OF_HAN, LATIN_LOOK_ALIKES } from './look-alikes.ts';

/** Why a character is pointed out. */
export type Suspicion = 'invisible' | 'direction' | 'look-alike' | 'combining' | 'unassigned';

/** A run of text as it stands, or one character that is not what it seems. */
export type Piece =
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: Suspicion; readonly character: string; readonly codePoint: string };

const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const UNASSIGNED = /[\p{Cn}\p{Co}\p{Cs}]/u;
const VARIATION = /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/u;
const HAN = /[\p{Script=Han}々〆]/u;
const KATAKANA = /[\p{Script=Katakana}ー]/u;
const LETTER = /\p{L}/u;
const LATIN = /\p{Script=Latin}/u;

/**
 * Splits a text so that whatever cannot be seen, turns the reading direction, joins to the character before it or only
 * looks like another one can be pointed out. The pieces put together are the text.
 */
export function reveal(text: string): readonly Piece[] {
  const characters = [...text];
  const deceptive = foreignWords(characters);
  const pieces: Piece[] = [];
  let plain = '';
  characters.forEach((character, at) => {
    const kind = deceptive.has(at) ? 'look-alike' : suspicionOf(characters, at);
    if (kind === undefined) {
      plain += character;
      return;
    }
    if (plain !== '') pieces.push({ kind: 'plain', text: plain });
    plain = '';
    pieces.push({ kind, character, codePoint: codePointOf(character) });
  });
  if (plain !== '') pieces.push({ kind: 'plain', text: plain });
  return pieces;
}

function suspicionOf(characters: readonly string[], at: number): Suspicion | undefined {
  const character = characters[at] ?? '';
  if (character === '\n' || character === '\t') return undefined;
  const before = characters[at - 1] ?? '';
  // A variation sequence after a Chinese character is how Japanese names are written.
  if (VARIATION.test(character)) return HAN.test(before) ? undefined : 'invisible';
  if (DIRECTION.test(character)) return 'direction';
  if (INVISIBLE.test(character) || BLANKS.has(character)) return 'invisible';
  if (UNASSIGNED.test(character)) return 'unassigned';
  if (/\p{M}/u.test(character)) return 'combining';
  return amongJapanese(character, before, characters[at + 1] ?? '') ? 'look-alike' : undefined;
}

/** A Chinese character in a katakana word, or a katakana at the end of a Chinese one. */
function amongJapanese(character: string, before: string, after: string): boolean {
  if (Object.hasOwn(KATAKANA_OF_HAN, character)) {
    return (KATAKANA.test(before) && !HAN.test(after)) || (KATAKANA.test(after) && KATAKANA.test(before));
  }
  return (
    Object.hasOwn(HAN_OF_KATAKANA, character) &&
    HAN.test(before) &&
    after !== '' &&
    !/[\p{Script=Han}\p{Script=Katakana}ーヶ々]/u.test(after)
  );
}

/**
 * Places of Greek, Cyrillic and Armenian letters in words that have Latin ones, or that read as Latin from end to
 * end.
 */
function foreignWords(characters: readonly string[]): ReadonlySet<number> {
  const found = new Set<number>();
  let word: number[] = [];
  const close = () => {
    const alike = word.filter((at) => LATIN_LOOK_ALIKES.has(characters[at] ?? ''));
    const latin = word.some((at) => LATIN.test(characters[at] ?? ''));
    if (latin || alike.length === word.length) for (const at of alike) found.add(at);
    word = [];
  };
  characters.forEach((character, at) => {
    const european =
      LETTER.test(character) && !/[\p{Script=Han}\p{Script=Katakana}\p{Script=Hiragana}]/u.test(character);
    if (european) word.push(at);
    else close();
  });
  close();
  return found;
}

function codePointOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
