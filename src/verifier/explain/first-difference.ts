import { fromUtf8 } from '../../core/encoding.ts';

/** Where two octet strings part, with what stands around it on either side, escaped for a terminal. */
export interface FirstDifference {
  /** Octet offset, the same on both sides. */
  readonly offset: number;
  readonly expected: string;
  readonly found: string;
}

const BEFORE = 24;
const AFTER = 40;

/** The first octet in which two strings differ, or undefined when they are equal. */
export function firstDifference(expected: Uint8Array, found: Uint8Array): FirstDifference | undefined {
  const shorter = Math.min(expected.length, found.length);
  let offset = 0;
  while (offset < shorter && expected[offset] === found[offset]) offset += 1;
  if (offset === expected.length && offset === found.length) return undefined;
  return { offset, expected: excerpt(expected, offset), found: excerpt(found, offset) };
}

/** The octets around an offset as text: invisible and unassigned characters as \u{…}, the place marked with ⟪ ⟫. */
function excerpt(octets: Uint8Array, offset: number): string {
  const start = characterStart(octets, Math.max(0, offset - BEFORE));
  const here = characterStart(octets, offset);
  const next = characterEnd(octets, Math.min(octets.length, here + 1));
  const end = characterEnd(octets, Math.min(octets.length, here + AFTER));
  const marked = here === octets.length ? '(end)' : escaped(octets.subarray(here, next));
  return `${escaped(octets.subarray(start, here))}⟪${marked}⟫${escaped(octets.subarray(next, end))}`;
}

function characterStart(octets: Uint8Array, offset: number): number {
  let start = offset;
  while (start > 0 && isContinuation(octets[start])) start -= 1;
  return start;
}

function characterEnd(octets: Uint8Array, offset: number): number {
  let end = offset;
  while (end < octets.length && isContinuation(octets[end])) end += 1;
  return end;
}

function isContinuation(octet: number | undefined): boolean {
  return octet !== undefined && (octet & 0xc0) === 0x80;
}

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

function escaped(octets: Uint8Array): string {
  try {
    return fromUtf8(octets).replace(/[\\\p{C}\p{Zl}\p{Zp}\p{M}\u3000\u00a0]/gu, escapedCharacter);
  } catch {
    return [...octets].map((octet) => `\\x${octet.toString(16).padStart(2, '0')}`).join('');
  }
}

function escapedCharacter(character: string): string {
  return NAMED[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
