import { toUtf8 } from '../../core/encoding.ts';
import { normalizedText } from '../../core/normalized-text.ts';
import { encoded, lossy, replaced, toHalfWidth, twinsIn } from './japanese-text.ts';
import type { OctetBudget } from './octet-budget.ts';

/** What a text met between the document and the hash. */
export interface TextChange {
  readonly cause: string;
  readonly explanation: string;
  /** undefined when it changes nothing, or there is no room for it. */
  readonly apply: (text: string, budget: OctetBudget) => Uint8Array | undefined;
}

const BYTE_ORDER_MARK = '\ufeff';

/** Changes of text that files meet on their way, applied to canonical octets. */
export const TEXT_CHANGES: readonly TextChange[] = [
  change('line-ends-crlf', 'its lines ended with CR LF', (text) => text.replaceAll('\n', '\r\n')),
  change('line-ends-cr', 'its lines ended with CR', (text) => text.replaceAll('\n', '\r')),
  change('line-ends-cr-reference', 'its lines ended with CR LF and the CR became &#xD;', (text) =>
    text.replaceAll('\n', '&#xD;\n'),
  ),
  change('line-ends-without-cr', 'without the CRs that stand in it as &#xD;', (text) =>
    text.replaceAll('&#xD;', ''),
  ),
  change('line-ends-removed', 'without its line ends', (text) => text.replaceAll('\n', '')),
  change('indentation-removed', 'without the white space between its tags', withoutSpaceBetweenTags),
  change('indentation-2', 'indented by 2 spaces', (text, most) => indented(text, '  ', most)),
  change('indentation-4', 'indented by 4 spaces', (text, most) => indented(text, '    ', most)),
  change('indentation-tab', 'indented by tabs', (text, most) => indented(text, '\t', most)),
  change('trailing-line-end', 'with a line end after it', (text) => `${text}\n`),
  change('trailing-line-end-crlf', 'with CR LF after it', (text) => `${text}\r\n`),
  change('byte-order-mark', 'with a byte order mark before it', (text) => BYTE_ORDER_MARK + text),
  change('normalization-nfc', 'with its characters composed (Unicode NFC)', (text) =>
    normalizedText(text, 'NFC'),
  ),
  change('normalization-nfd', 'with its characters decomposed (Unicode NFD)', (text) =>
    normalizedText(text, 'NFD'),
  ),
  change('normalization-nfkc', 'with compatibility characters replaced (Unicode NFKC)', (text) =>
    normalizedText(text, 'NFKC'),
  ),
  change(
    'characters-half-width',
    'with full-width letters, digits and spaces as half-width ones',
    toHalfWidth,
  ),
  change('characters-lost', 'with ? for each character that CP932 has not', (text) => lossy(text, '?')),
  change('characters-lost-geta', 'with 〓 for each character that CP932 has not', (text) =>
    lossy(text, '〓'),
  ),
  encoding('encoding-shift-jis', 'encoded in Shift_JIS (CP932)', (text) => encoded(text, 'shift_jis')),
  encoding('encoding-euc-jp', 'encoded in EUC-JP', (text) => encoded(text, 'euc-jp')),
  encoding('encoding-utf-16le', 'encoded in UTF-16 (little-endian)', utf16),
  encoding('encoding-utf-16le-bom', 'encoded in UTF-16 (little-endian, with a byte order mark)', (text) =>
    utf16(BYTE_ORDER_MARK + text),
  ),
  encoding('encoding-utf-16be', 'encoded in UTF-16 (big-endian)', (text) => swapped(utf16(text))),
  encoding('encoding-utf-16be-bom', 'encoded in UTF-16 (big-endian, with a byte order mark)', (text) =>
    swapped(utf16(BYTE_ORDER_MARK + text)),
  ),
  encoding('encoding-utf-8-twice', 'encoded in UTF-8 twice (its octets taken for Latin-1)', (text) =>
    toUtf8(Buffer.from(text, 'utf8').toString('latin1')),
  ),
];

/** More than honest texts hold of them; every set of them is tried. */
const MOST_SETS = 15;

/** Characters that a trip through CP932 changes, as the text has them: all of them, then every set of them. */
export function twinChanges(text: string): readonly TextChange[] {
  const twins = twinsIn(text);
  const sets = Array.from({ length: Math.min(2 ** Math.min(twins.length, 4) - 1, MOST_SETS) }, (_, index) =>
    twins.filter((_twin, at) => at >= 4 || ((index + 1) & (1 << at)) !== 0),
  ).sort((one, other) => other.length - one.length);
  return [twins, ...sets.filter((set) => set.length < twins.length)]
    .filter((set) => set.length > 0)
    .map((set) =>
      change(
        'characters-cp932',
        `with ${set.map(swap).join(', ')}: a trip through CP932 (Shift_JIS) changes them`,
        (each) => replaced(each, set),
      ),
    );
}

function swap([here, there]: readonly [string, string]): string {
  return `${there} (${name(there)}) where ${here} (${name(here)}) stands`;
}

function name(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function change(
  cause: string,
  explanation: string,
  rewrite: (text: string, most: number) => string | undefined,
): TextChange {
  return {
    cause,
    explanation,
    apply: (text, budget) => {
      if (budget.left === 0) return undefined;
      const rewritten = rewrite(text, budget.left);
      if (rewritten === undefined || rewritten === text || !budget.take(rewritten.length)) return undefined;
      return toUtf8(rewritten);
    },
  };
}

function encoding(
  cause: string,
  explanation: string,
  encode: (text: string) => Uint8Array | undefined,
): TextChange {
  return {
    cause,
    explanation,
    apply: (text, budget) => {
      if (!budget.take(2 * text.length)) return undefined;
      return encode(text);
    },
  };
}

function utf16(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf16le'));
}

function swapped(octets: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.from(octets).swap16());
}

/** Not by a regular expression: its engine would keep a way back for every character of a run. */
function withoutSpaceBetweenTags(text: string): string {
  const pieces = text.split('<');
  const last = pieces.length - 1;
  return pieces
    .map((piece, at) => {
      let end = piece.length;
      while (end > 0 && isSpace(piece.charCodeAt(end - 1))) end -= 1;
      return at < last && piece[end - 1] === '>' ? piece.slice(0, end) : piece;
    })
    .join('<');
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Canonical text as a pretty-printer would write it: each tag on a line of its own, leaves on one line. */
function indented(text: string, unit: string, most: number): string | undefined {
  const tokens = withoutSpaceBetweenTags(text).split(/(?<=>)(?=<)/);
  const lines: string[] = [];
  let depth = 0;
  let length = 0;
  for (const token of tokens) {
    const closing = token.startsWith('</');
    if (closing) depth -= 1;
    length += unit.length * Math.max(0, depth) + token.length + 1;
    if (length > most) return undefined;
    lines.push(unit.repeat(Math.max(0, depth)) + token);
    if (!closing && opens(token)) depth += 1;
  }
  return lines.join('\n');
}

/**
 * Whether an element is still open after the token: not after an end tag, an empty tag, a comment or an
 * instruction.
 */
function opens(token: string): boolean {
  const last = token.lastIndexOf('<');
  if (token[last + 1] === '/') return !token.endsWith('>');
  return last > 0 || !(token.endsWith('/>') || token[1] === '?' || token[1] === '!');
}
