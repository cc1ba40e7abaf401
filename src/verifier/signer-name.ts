import { asJitsuinError } from '../core/errors.ts';
import { normalizedText } from '../core/normalized-text.ts';
import { parseCertificate } from './x509/certificate.ts';
import { readFourAttributes } from './x509/four-attributes.ts';
import type { SubstitutableText } from './x509/jpki-types.ts';

/**
 * Spaces between names are written in many ways, and selectors choose a glyph, not a character (Unicode section
 * 23.4).
 */
const LEFT_OUT = /\p{White_Space}|\p{Variation_Selector}/gu;
const ANY = Symbol('a substitute character');

/**
 * Whether the name in a signing certificate is the expected one. White space and variation selectors are left out
 * and both are compared in NFKC, character by character; where the certificate says that it holds a substitute
 * character (代替文字), any one character stands. A certificate without a name, or with nothing but substitutes, names
 * nobody: `other`. `unreadable`: these octets are no certificate of the profile; the verification says so by name.
 */
export function compareSignerName(
  certificate: Uint8Array,
  expected: string,
): 'same' | 'other' | 'unreadable' {
  const name = nameIn(certificate);
  if (name === 'unreadable') return 'unreadable';
  const wanted = name === undefined ? [] : pattern(name);
  if (!wanted.some((character) => character !== ANY)) return 'other';
  const given = plain(expected);
  const same =
    wanted.length === given.length &&
    wanted.every((character, index) => character === ANY || character === given[index]);
  return same ? 'same' : 'other';
}

function nameIn(certificate: Uint8Array): SubstitutableText | undefined | 'unreadable' {
  try {
    return readFourAttributes(parseCertificate(certificate)).name;
  } catch (thrown) {
    if (asJitsuinError(thrown).kind === 'internal') throw thrown;
    return 'unreadable';
  }
}

/** Runs between substitutes are normalized whole, so that combining characters meet. */
function pattern({ text, substituted }: SubstitutableText): readonly (string | typeof ANY)[] {
  const found: (string | typeof ANY)[] = [];
  let run = '';
  [...text].forEach((character, index) => {
    if (!substituted.includes(index)) {
      run += character;
      return;
    }
    found.push(...plain(run), ANY);
    run = '';
  });
  return [...found, ...plain(run)];
}

function plain(text: string): readonly string[] {
  return [...(normalizedText(text, 'NFKC') ?? text).replaceAll(LEFT_OUT, '')];
}
