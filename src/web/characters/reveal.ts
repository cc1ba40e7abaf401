import { BLANKS, HAN_OF_KATAKANA, KATAKANA_OF_HAN, LATIN_LOOK_ALIKES } from './look-alikes.ts';
import { COMPATIBILITY_IDEOGRAPHS } from './unicode-look-alikes.ts';

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
/** Letters for phonetic notation, small capitals among them: no word of any language here is written with them. */
const PHONETIC = /[\u0250-\u02af\u1d00-\u1dbf\ua720-\ua7ff\uab30-\uab6f]/u;
/** Digits of scripts that are not written here, where no letter of such a script stands near. */
const DIGIT = /\p{Nd}/u;
const USUAL_DIGIT = /[0-9\uff10-\uff19]/u;
const OTHER_SCRIPT =
  /(?![\p{Script=Latin}\p{Script=Han}\p{Script=Katakana}\p{Script=Hiragana}\p{Script=Common}])\p{L}/u;
const IDEOGRAPHIC_SPACE = '\u3000';

/**
 * Splits a text so that whatever cannot be seen, turns the reading direction, joins to the character before it or only
 * looks like another one can be pointed out. The pieces put together are the text.
 */
export function reveal(text: string): readonly Piece[] {
  const characters = [...text];
  const deceptive = deceptiveIn(text, characters);
  // between words it is how Japanese is written; alone it is a text that cannot be seen
  const unseen = characters.every((character, at) => isUnseen(character, characters[at - 1]));
  const pieces: Piece[] = [];
  let plain = '';
  characters.forEach((character, at) => {
    const alone = unseen && character === IDEOGRAPHIC_SPACE ? 'invisible' : undefined;
    const kind = deceptive.has(at) ? 'look-alike' : (alone ?? suspicionOf(characters, at));
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

/** White space of any kind, or a character that shows nothing. */
function isUnseen(character: string, before = ''): boolean {
  return (
    /\s/u.test(character) || ['invisible', 'direction'].includes(suspicionOf([before, character], 1) ?? '')
  );
}

/** Places of characters that look like others whatever stands beside them, and of those in foreign words. */
function deceptiveIn(text: string, characters: readonly string[]): ReadonlySet<number> {
  const found = new Set(foreignWords(characters));
  const otherScript = OTHER_SCRIPT.test(text);
  characters.forEach((character, at) => {
    if (alwaysAlike(character) || (isForeignDigit(character) && !otherScript)) found.add(at);
  });
  return found;
}

function alwaysAlike(character: string): boolean {
  if (COMPATIBILITY_IDEOGRAPHS.has(character) || PHONETIC.test(character)) return true;
  return LATIN_LOOK_ALIKES.has(character) && /[\p{Script=Common}\p{Script=Latin}]/u.test(character);
}

function isForeignDigit(character: string): boolean {
  return DIGIT.test(character) && !USUAL_DIGIT.test(character);
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
 * Places of letters of other scripts (Greek, Cyrillic, Lisu, Cherokee, Coptic …) in words that have Latin ones, or
 * that read as Latin from end to end.
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
