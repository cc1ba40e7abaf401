import { isUtf8 } from 'node:buffer';
import { fault, TruncatedInput, type Window } from './faults.ts';
import { isWhiteSpace, startsWith } from './octets.ts';

const USUAL_DECLARATIONS = ['UTF-8', 'utf-8'].map((name) => `<?xml version="1.0" encoding="${name}"?>`);
const BOM_LENGTH = 3;
const LONGEST_DECLARATION = 1024;
const SPACE = String.raw`[ \t\r\n]`;
const EQUALS = `${SPACE}*=${SPACE}*`;
const QUOTED = `(?:"([^"<]*)"|'([^'<]*)')`;
/** XML 1.0 [23] XMLDecl. */
const DECLARATION = new RegExp(
  String.raw`^<\?xml${SPACE}+version${EQUALS}${QUOTED}` +
    `(?:${SPACE}+encoding${EQUALS}${QUOTED})?` +
    String.raw`(?:${SPACE}+standalone${EQUALS}(?:"(?:yes|no)"|'(?:yes|no)'))?${SPACE}*\?>$`,
);
/** XML 1.0 [81] EncName. */
const ENCODING_NAME = /^[A-Za-z][A-Za-z0-9._-]{0,39}$/;
const VERSION_NUMBER = /^[A-Za-z0-9_.:-]+$/;

/** First octets of documents in other encodings (XML 1.0 appendix F), none of which begins UTF-8 XML. */
const OTHER_ENCODINGS: readonly { readonly name: string; readonly octets: readonly number[] }[] = [
  { name: 'UTF-32', octets: [0x00, 0x00] },
  { name: 'UTF-32', octets: [0xff, 0xfe, 0x00, 0x00] },
  { name: 'UTF-32', octets: [0x3c, 0x00, 0x00, 0x00] },
  { name: 'UTF-16', octets: [0xfe, 0xff] },
  { name: 'UTF-16', octets: [0xff, 0xfe] },
  { name: 'UTF-16', octets: [0x00, 0x3c] },
  { name: 'UTF-16', octets: [0x3c, 0x00] },
  { name: 'EBCDIC', octets: [0x4c, 0x6f, 0xa7, 0x94] },
];

/** Refuses what is not UTF-8. @throws JitsuinError `xml.encoding` with the first octet that cannot stand there */
export function requireUtf8(window: Window, from: number, end: number): void {
  const { octets } = window;
  const first = window.before === 0 && from === 0;
  const other = first
    ? OTHER_ENCODINGS.find((mark) => mark.octets.every((octet, i) => octets[i] === octet))
    : undefined;
  if (other !== undefined) throw fault('xml.encoding', inOtherEncoding(other.name), window, 0);
  if (isUtf8(octets.subarray(from, end))) return;
  const declared = first ? declaredEncoding(octets) : undefined;
  if (declared !== undefined) throw fault('xml.encoding', inOtherEncoding(declared), window, 0);
  throw fault('xml.encoding', 'Not well-formed UTF-8.', window, firstBadOctet(octets, from, end));
}

/** What people really have gets an answer with both ways on. @param name as it is declared */
function inOtherEncoding(name: string): string {
  if (/^utf_?8$/i.test(name))
    return `The encoding is declared as "${name}"; its name is "UTF-8": write that.`;
  return (
    `The document is in the encoding ${name}; only UTF-8 is accepted. Convert it and declare UTF-8 ` +
    '(iconv -t UTF-8), or sign the file as it is (profile detached).'
  );
}

/** The encoding that a declaration names, unless it is UTF-8. */
function declaredEncoding(octets: Uint8Array): string | undefined {
  const head = Buffer.from(octets.subarray(0, LONGEST_DECLARATION)).toString('latin1');
  const close = head.indexOf('?>');
  const parts = close < 0 ? null : DECLARATION.exec(head.slice(0, close + 2).replace(/^\xef\xbb\xbf/, ''));
  const name = parts?.[3] ?? parts?.[4] ?? '';
  return ENCODING_NAME.test(name) && name.toUpperCase() !== 'UTF-8' ? name : undefined;
}

/** Offset at which well-formed UTF-8 ends, by halving; called once, for an error message. */
function firstBadOctet(octets: Uint8Array, from: number, end: number): number {
  let good = from;
  let bad = end;
  while (bad - good > 1) {
    let middle = (good + bad) >>> 1;
    while (middle > good && ((octets[middle] as number) & 0xc0) === 0x80) middle -= 1;
    if (middle === good) break;
    if (isUtf8(octets.subarray(good, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

/**
 * Offset after one optional byte order mark and the XML declaration, both checked. Further input is awaited as
 * needed.
 */
export function passDeclaration(window: Window, end: number, complete: boolean): number {
  const { octets } = window;
  const start = octets[0] === 0xef && octets[1] === 0xbb && octets[2] === 0xbf ? BOM_LENGTH : 0;
  if (end < start + '<?xml '.length && !complete) throw new TruncatedInput();
  if (!startsWith(octets, start, '<?xml') || !isWhiteSpace(octets[start + '<?xml'.length])) return start;
  for (const usual of USUAL_DECLARATIONS)
    if (start + usual.length <= end && startsWith(octets, start, usual)) return start + usual.length;
  const head = Buffer.from(octets.subarray(start, Math.min(end, start + LONGEST_DECLARATION))).toString(
    'latin1',
  );
  const close = head.indexOf('?>');
  if (close < 0 && head.length < LONGEST_DECLARATION) throw new TruncatedInput();
  const parts = DECLARATION.exec(head.slice(0, close + 2));
  if (parts === null) throw fault('xml.not-well-formed', 'Not an XML declaration.', window, start);
  const version = parts[1] ?? parts[2] ?? '';
  const encoding = parts[3] ?? parts[4];
  if (!VERSION_NUMBER.test(version))
    throw fault('xml.not-well-formed', 'Not a version number.', window, start);
  if (version !== '1.0') throw fault('xml.version', 'Only XML 1.0 is accepted.', window, start);
  if (encoding !== undefined && encoding.toUpperCase() !== 'UTF-8') {
    const message = ENCODING_NAME.test(encoding) ? inOtherEncoding(encoding) : 'Only UTF-8 is accepted.';
    throw fault('xml.encoding', message, window, start);
  }
  return start + close + 2;
}
