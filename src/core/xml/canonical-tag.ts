import { toUtf8 } from '../encoding.ts';
import type { NamespaceNames, NameTable } from './names.ts';
import { RESERVED } from './names.ts';
import type { OctetOutput } from './octet-buffer.ts';
import { OCTET } from './octets.ts';
import { appendCodePoint, referencedCodePoint } from './references.ts';
import type { StartTag } from './start-tag.ts';

const { EMPTY_NAME } = RESERVED;
const { AMP, CR, GT, LF, LT, QUOT, SEMICOLON, SLASH, SPACE, TAB } = OCTET;

const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const XMLNS = ascii(' xmlns');
const EQUALS_QUOTE = ascii('="');

/** Octet → what canonical XML writes for it (C14N 1.0 section 2.3), in text and in attribute values. */
function escapes(...pairs: (readonly [number, string])[]): (Uint8Array | undefined)[] {
  const table = new Array<Uint8Array | undefined>(256).fill(undefined);
  for (const [octet, text] of pairs) table[octet] = ascii(text);
  return table;
}
const SHARED = [
  [AMP, '&amp;'],
  [LT, '&lt;'],
  [CR, '&#xD;'],
] as const;
const TEXT_ESCAPES = escapes(...SHARED, [GT, '&gt;']);
const VALUE_ESCAPES = escapes(...SHARED, [QUOT, '&quot;'], [TAB, '&#x9;'], [LF, '&#xA;']);

/** Appends characters (UTF-8, already expanded) the way canonical XML escapes them. */
export function escapeCharacters(
  source: Uint8Array,
  from: number,
  to: number,
  kind: 'text' | 'value',
  out: OctetOutput,
): void {
  const table = kind === 'text' ? TEXT_ESCAPES : VALUE_ESCAPES;
  let run = from;
  for (let p = from; p < to; p += 1) {
    const octet = source[p] as number;
    if (octet > GT) continue;
    const escaped = table[octet];
    if (escaped === undefined) continue;
    out.append(source, run, p);
    out.append(escaped, 0, escaped.length);
    run = p + 1;
  }
  out.append(source, run, to);
}

/**
 * Appends a checked run of text or an attribute value of the source in its canonical spelling, in one pass: references
 * replaced, line ends normalized, white space of values turned into spaces (XML 1.0 sections 2.11 and 3.3.3), and what
 * canonical XML escapes escaped.
 */
export function respell(
  source: Uint8Array,
  from: number,
  to: number,
  kind: 'text' | 'value',
  out: OctetOutput,
): void {
  const table = kind === 'text' ? TEXT_ESCAPES : VALUE_ESCAPES;
  let run = from;
  let p = from;
  while (p < to) {
    const octet = source[p] as number;
    if (octet > GT || !isRespelled(octet, kind)) {
      p += 1;
      continue;
    }
    out.append(source, run, p);
    if (octet === AMP) {
      appendEscaped(out, referencedCodePoint(source, p), table);
      p = source.indexOf(SEMICOLON, p) + 1;
    } else if (octet === GT || octet === QUOT) {
      appendEscaped(out, octet, table);
      p += 1;
    } else {
      out.appendOctet(kind === 'text' ? LF : SPACE);
      p += octet === CR && source[p + 1] === LF && p + 1 < to ? 2 : 1;
    }
    run = p;
  }
  out.append(source, run, to);
}

/** Whether an octet of the source may be written differently; all that are reach up to `>`. */
function isRespelled(octet: number, kind: 'text' | 'value'): boolean {
  if (octet === AMP || octet === CR) return true;
  return kind === 'text' ? octet === GT : octet === QUOT || octet === TAB || octet === LF;
}

function appendEscaped(out: OctetOutput, codePoint: number, table: (Uint8Array | undefined)[]): void {
  const escaped = codePoint <= GT ? table[codePoint] : undefined;
  if (escaped === undefined) appendCodePoint(out, codePoint);
  else out.append(escaped, 0, escaped.length);
}

/** The tables that a document's names and namespace names are numbers in. */
interface Vocabulary {
  readonly names: NameTable;
  readonly namespaceNames: NamespaceNames;
}

function appendName(out: OctetOutput, names: NameTable, name: number): void {
  out.append(names.pool.octets, names.starts[name] as number, names.starts[name + 1] as number);
}

/** Appends ` xmlns:prefix="namespace name"`. */
export function appendDeclaration(
  out: OctetOutput,
  { names, namespaceNames }: Vocabulary,
  prefix: number,
  namespace: number,
): void {
  out.append(XMLNS, 0, XMLNS.length);
  if (prefix !== EMPTY_NAME) {
    out.appendOctet(0x3a);
    appendName(out, names, prefix);
  }
  out.append(EQUALS_QUOTE, 0, EQUALS_QUOTE.length);
  const start = namespaceNames.starts[namespace] as number;
  const end = namespaceNames.starts[namespace + 1] as number;
  const { octets } = namespaceNames.pool;
  if (namespaceNames.hasMarkup(namespace)) escapeCharacters(octets, start, end, 'value', out);
  else out.append(octets, start, end);
  out.appendOctet(QUOT);
}

/** Appends the attributes in canonical order, without declarations. */
export function appendAttributes(
  out: OctetOutput,
  source: Uint8Array,
  tag: StartTag,
  names: NameTable,
): void {
  for (let i = tag.declarations; i < tag.count; i += 1)
    appendAttribute(out, source, tag, tag.order[i] as number, names);
}

export function appendAttribute(
  out: OctetOutput,
  source: Uint8Array,
  tag: StartTag,
  entry: number,
  names: NameTable,
): void {
  const start = tag.valueStarts[entry] as number;
  const end = tag.valueEnds[entry] as number;
  out.appendOctet(SPACE);
  appendName(out, names, tag.names[entry] as number);
  out.append(EQUALS_QUOTE, 0, EQUALS_QUOTE.length);
  if (tag.irregular[entry] === 1) respell(source, start, end, 'value', out);
  else out.append(source, start, end);
  out.appendOctet(QUOT);
}

/** Appends an attribute whose value does not stand in the source. */
export function appendNewAttribute(out: OctetOutput, name: number, value: string, names: NameTable): void {
  const octets = toUtf8(value);
  out.appendOctet(SPACE);
  appendName(out, names, name);
  out.append(EQUALS_QUOTE, 0, EQUALS_QUOTE.length);
  escapeCharacters(octets, 0, octets.length, 'value', out);
  out.appendOctet(QUOT);
}

export function appendTagOpen(out: OctetOutput, tag: StartTag, names: NameTable): void {
  out.appendOctet(LT);
  appendName(out, names, tag.name);
}

/** Appends `>`, and the end tag too when the source has an empty-element tag. */
export function appendTagClose(out: OctetOutput, tag: StartTag, names: NameTable): void {
  out.appendOctet(GT);
  if (tag.empty) appendEndTag(out, tag.name, names);
}

function appendEndTag(out: OctetOutput, name: number, names: NameTable): void {
  out.appendOctet(LT);
  out.appendOctet(SLASH);
  appendName(out, names, name);
  out.appendOctet(GT);
}

/** Decides and writes the start tags of a canonical form while the lexer has them taken apart. */
export interface TagRenderer {
  /** Whether the tag as spelled in the source is its canonical form, but perhaps for being an empty-element tag. */
  inPlace(tag: StartTag, inOrder: boolean, scopeBefore: number): boolean;
  render(tag: StartTag, source: Uint8Array, scopeBefore: number, out: OctetOutput): void;
  /** The element that was entered last, not yet left, ends. */
  leave(): void;
}
