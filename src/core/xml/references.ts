import { isCharacter } from './characters.ts';
import { fault, TruncatedInput, type Window } from './faults.ts';
import type { OctetOutput } from './octet-buffer.ts';
import { OCTET, startsWith } from './octets.ts';

const { AMP, APOS, CR, GT, HASH, LF, LOWER_X, LT, QUOT, SEMICOLON, SPACE, TAB } = OCTET;

const [A, G, L, M, O, P, Q, S, T, U] = [0x61, 0x67, 0x6c, 0x6d, 0x6f, 0x70, 0x71, 0x73, 0x74, 0x75] as const;
const LONGEST_ENTITY = 'quot;'.length;

/**
 * What the reference whose `&` is at `at` stands for when it is one of the five predefined entities (XML 1.0 section
 * 4.6; there are no others without a document type), else 0.
 */
function entityAt(octets: Uint8Array, at: number): number {
  switch (octets[at + 1]) {
    case L:
      return octets[at + 2] === T && octets[at + 3] === SEMICOLON ? LT : 0;
    case G:
      return octets[at + 2] === T && octets[at + 3] === SEMICOLON ? GT : 0;
    case A:
      if (octets[at + 2] === M) return octets[at + 3] === P && octets[at + 4] === SEMICOLON ? AMP : 0;
      return octets[at + 2] === P &&
        octets[at + 3] === O &&
        octets[at + 4] === S &&
        octets[at + 5] === SEMICOLON
        ? APOS
        : 0;
    case Q:
      return octets[at + 2] === U &&
        octets[at + 3] === O &&
        octets[at + 4] === T &&
        octets[at + 5] === SEMICOLON
        ? QUOT
        : 0;
    default:
      return 0;
  }
}

/** Octets of such a reference, from `&` to `;`. */
function entityLength(entity: number): number {
  return entity === LT || entity === GT ? '&lt;'.length : entity === AMP ? '&amp;'.length : '&quot;'.length;
}

/** Whether canonical XML itself spells a reference so in text, so that it can stay as it is. */
export function isCanonicalTextReference(octets: Uint8Array, at: number): boolean {
  if (octets[at + 1] === HASH) return startsWith(octets, at, '&#xD;');
  const entity = entityAt(octets, at);
  return entity === AMP || entity === LT || entity === GT;
}

/** The same for attribute values. */
export function isCanonicalValueReference(octets: Uint8Array, at: number): boolean {
  if (octets[at + 1] === HASH) {
    const digit = octets[at + 3];
    return (
      octets[at + 2] === LOWER_X &&
      octets[at + 4] === SEMICOLON &&
      (digit === 0x39 || digit === 0x41 || digit === 0x44)
    );
  }
  const entity = entityAt(octets, at);
  return entity === AMP || entity === LT || entity === QUOT;
}

/**
 * Offset after the `;` of the reference whose `&` is at `at`.
 * @throws JitsuinError `xml.not-well-formed` for anything but a predefined entity or a reference to a legal character
 */
export function referenceEnd(window: Window, at: number, end: number): number {
  const { octets } = window;
  if (octets[at + 1] === HASH) return characterReferenceEnd(window, at, end);
  const entity = entityAt(octets, at);
  if (entity !== 0 && at + entityLength(entity) <= end) return at + entityLength(entity);
  if (at + 1 + LONGEST_ENTITY > end) throw new TruncatedInput();
  throw fault(
    'xml.not-well-formed',
    'Not a reference to one of amp, lt, gt, quot, apos or a character.',
    window,
    at,
  );
}

function characterReferenceEnd(window: Window, at: number, end: number): number {
  const { octets } = window;
  let p = at + (octets[at + 2] === LOWER_X ? 3 : 2);
  const digits = p;
  while (p < end && octets[p] !== SEMICOLON && digitValue(octets[p] as number) < 16) p += 1;
  if (p >= end) throw new TruncatedInput();
  if (octets[p] !== SEMICOLON || p === digits || !isCharacter(referencedCodePoint(octets, at))) {
    throw fault('xml.not-well-formed', 'Not a reference to a legal character.', window, at);
  }
  return p + 1;
}

/** The code point that a complete reference stands for; -1 when its digits are not of its base or too large. */
export function referencedCodePoint(octets: Uint8Array, at: number): number {
  if (octets[at + 1] !== HASH) return entityAt(octets, at);
  const hexadecimal = octets[at + 2] === LOWER_X;
  const base = hexadecimal ? 16 : 10;
  let codePoint = 0;
  for (let p = at + (hexadecimal ? 3 : 2); octets[p] !== SEMICOLON; p += 1) {
    const digit = digitValue(octets[p] as number);
    codePoint = codePoint * base + digit;
    if (digit >= base || codePoint > 0x10ffff) return -1;
  }
  return codePoint;
}

function digitValue(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const lower = octet | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : 16;
}

/** Appends a code point as UTF-8. */
export function appendCodePoint(out: OctetOutput, codePoint: number): void {
  if (codePoint < 0x80) {
    out.appendOctet(codePoint);
    return;
  }
  if (codePoint < 0x800) out.appendOctet(0xc0 | (codePoint >> 6));
  else {
    if (codePoint < 0x10000) out.appendOctet(0xe0 | (codePoint >> 12));
    else {
      out.appendOctet(0xf0 | (codePoint >> 18));
      out.appendOctet(0x80 | ((codePoint >> 12) & 0x3f));
    }
    out.appendOctet(0x80 | ((codePoint >> 6) & 0x3f));
  }
  out.appendOctet(0x80 | (codePoint & 0x3f));
}

/**
 * Appends the characters that a checked run of text or of an attribute value stands for: references replaced, line
 * ends normalized (XML 1.0 section 2.11) and, in values, white space turned into spaces (section 3.3.3).
 */
export function expand(
  octets: Uint8Array,
  from: number,
  to: number,
  kind: 'text' | 'value',
  out: OctetOutput,
): void {
  let run = from;
  let p = from;
  while (p < to) {
    const octet = octets[p];
    if (octet !== AMP && octet !== CR && (kind === 'text' || (octet !== TAB && octet !== LF))) {
      p += 1;
      continue;
    }
    out.append(octets, run, p);
    if (octet === AMP) {
      appendCodePoint(out, referencedCodePoint(octets, p));
      p = octets.indexOf(SEMICOLON, p) + 1;
    } else {
      out.appendOctet(kind === 'text' ? LF : SPACE);
      p += octet === CR && octets[p + 1] === LF && p + 1 < to ? 2 : 1;
    }
    run = p;
  }
  out.append(octets, run, to);
}
