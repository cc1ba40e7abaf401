import { fault, TruncatedInput, type Window } from './faults.ts';
import type { NameTable } from './names.ts';
import { isWhiteSpace, KIND, OCTET, skipPlain, skipWhiteSpace } from './octets.ts';

const { CR, ESC, GT, HIGH_PLANE_LEAD, HYPHEN, QUESTION, RIGHT_BRACKET, SPACE } = OCTET;
const { CDATA_STOP, COMMENT_STOP, PI_STOP } = KIND;

export const COMMENT_OPEN = '<!--';
export const CDATA_OPEN = '<![CDATA[';
export const CDATA_CLOSE = ']]>';

/** Whether the three octets at `at`, of which the first is EF, are U+FFFE or U+FFFF. */
export function isNonCharacter(window: Window, at: number, end: number): boolean {
  if (at + 3 > end) throw new TruncatedInput();
  return window.octets[at + 1] === 0xbf && (window.octets[at + 2] as number) >= 0xbe;
}

/**
 * Steps over one octet at which a scan stopped that is not markup of the caller: a noncharacter or control
 * character is a fault, a carriage return and other characters from U+F000 upwards are passed.
 */
export function passCharacter(window: Window, at: number, end: number): number {
  const octet = window.octets[at] as number;
  if (octet === HIGH_PLANE_LEAD && !isNonCharacter(window, at, end)) return at + 3;
  if (octet === CR) return at + 1;
  if (octet >= SPACE && octet !== HIGH_PLANE_LEAD) return at + 1;
  // ISO-2022-JP passes for ASCII but for its escape sequences.
  const next = window.octets[at + 1];
  if (octet === ESC && (next === 0x24 || next === 0x28)) {
    throw fault('xml.encoding', 'An ISO-2022 escape sequence: only UTF-8 is accepted.', window, at);
  }
  throw fault('xml.not-well-formed', 'A character that XML does not allow.', window, at);
}

/** Offset after `-->` of the comment at `start` (production [15]). */
export function commentEnd(window: Window, start: number, end: number): number {
  const { octets } = window;
  let p = start + COMMENT_OPEN.length;
  for (;;) {
    p = skipPlain(octets, p, end, COMMENT_STOP);
    if (p + 3 > end) throw new TruncatedInput();
    if (octets[p] !== HYPHEN) p = passCharacter(window, p, end);
    else if (octets[p + 1] !== HYPHEN) p += 1;
    else if (octets[p + 2] === GT) return p + 3;
    else throw fault('xml.not-well-formed', "'--' in a comment.", window, p);
  }
}

/** Offset after `]]>` of the CDATA section at `start` (production [18]). */
export function cdataEnd(window: Window, start: number, end: number): number {
  const { octets } = window;
  let p = start + CDATA_OPEN.length;
  for (;;) {
    p = skipPlain(octets, p, end, CDATA_STOP);
    if (p + 3 > end) throw new TruncatedInput();
    if (octets[p] !== RIGHT_BRACKET) p = passCharacter(window, p, end);
    else if (octets[p + 1] === RIGHT_BRACKET && octets[p + 2] === GT) return p + 3;
    else p += 1;
  }
}

interface ProcessingInstruction {
  readonly end: number;
  readonly targetEnd: number;
  /** First octet of the data, or the `?` of `?>`. */
  readonly dataStart: number;
  /** Whether canonical XML writes it octet for octet the same. */
  readonly canonicalSpelling: boolean;
}

/** Reads the processing instruction at `start` (productions [16], [17]; no colon in the target). */
export function readProcessingInstruction(
  window: Window,
  start: number,
  end: number,
  names: NameTable,
): ProcessingInstruction {
  const { octets } = window;
  const target = names.qualifiedNameAt(window, start + 2, end);
  const targetEnd = start + 2 + names.lengthOf(target);
  if (targetEnd + 2 > end) throw new TruncatedInput();
  checkTarget(names.textOf(target), window, start + 2);
  if (!isWhiteSpace(octets[targetEnd]) && !(octets[targetEnd] === QUESTION && octets[targetEnd + 1] === GT)) {
    throw fault(
      'xml.not-well-formed',
      'The target of a processing instruction does not end.',
      window,
      targetEnd,
    );
  }
  const dataStart = skipWhiteSpace(octets, targetEnd, end);
  let canonicalSpelling =
    dataStart === targetEnd || (octets[targetEnd] === SPACE && dataStart === targetEnd + 1);
  let p = dataStart;
  for (;;) {
    p = skipPlain(octets, p, end, PI_STOP);
    if (p + 2 > end) throw new TruncatedInput();
    if (octets[p] === QUESTION && octets[p + 1] === GT) break;
    if (octets[p] === CR) canonicalSpelling = false;
    p = octets[p] === QUESTION ? p + 1 : passCharacter(window, p, end);
  }
  if (p === dataStart && dataStart !== targetEnd) canonicalSpelling = false;
  return { end: p + 2, targetEnd, dataStart, canonicalSpelling };
}

function checkTarget(target: string, window: Window, at: number): void {
  if (target.includes(':'))
    throw fault('xml.namespace', 'A processing instruction target with a colon.', window, at);
  if (target.toLowerCase() !== 'xml') return;
  throw fault('xml.not-well-formed', 'An XML declaration that is not at the very beginning.', window, at);
}
