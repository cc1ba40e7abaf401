import { passDeclaration } from './declaration.ts';
import {
  CDATA_CLOSE,
  CDATA_OPEN,
  COMMENT_OPEN,
  cdataEnd,
  commentEnd,
  readProcessingInstruction,
} from './markup.ts';
import type { XmlComment, XmlProcessingInstruction, XmlText } from './model.ts';
import { newOctets, OctetBuffer } from './octet-buffer.ts';
import { OCTET, skipWhiteSpace, startsWith } from './octets.ts';
import type { ParsedSource } from './parsed-source.ts';
import { expand } from './references.ts';

const { APOS, GT, LT, QUESTION, QUOT, SLASH } = OCTET;

const COMMENT_CLOSE_LENGTH = 3;
const INSTRUCTION_CLOSE_LENGTH = 2;

type LeafNode = XmlText | XmlComment | XmlProcessingInstruction;

/** Decodes a checked run: references replaced and line ends normalized for `text` and `value`. */
export function decode(octets: Uint8Array, from: number, to: number, kind: 'text' | 'value'): string {
  const characters = new OctetBuffer(newOctets(to - from));
  expand(octets, from, to, kind, characters);
  return utf8(characters.octets, 0, characters.length);
}

/** Decodes markup in which `&` has no meaning: only line ends are normalized (XML 1.0 section 2.11). */
function decodeLiteral(octets: Uint8Array, from: number, to: number): string {
  return utf8(octets, from, to).replaceAll('\r\n', '\n').replaceAll('\r', '\n');
}

function utf8(octets: Uint8Array, from: number, to: number): string {
  return Buffer.from(octets.buffer, octets.byteOffset + from, to - from).toString('utf8');
}

/** The nodes in a run of content that is known to hold no element, in order. */
export function nodesBetween(document: ParsedSource, from: number, to: number): LeafNode[] {
  const nodes: LeafNode[] = [];
  let p = from;
  while (p < to) {
    const node = nodeAt(document, p, to);
    nodes.push(node);
    p = node.end;
  }
  return nodes;
}

/** The text, CDATA section, comment or processing instruction at this offset; `to` bounds text. */
export function nodeAt(document: ParsedSource, start: number, to: number): LeafNode {
  const { octets } = document;
  return octets[start] === LT ? markupNode(document, start, to) : textNode(octets, start, to);
}

function textNode(octets: Uint8Array, start: number, to: number): XmlText {
  const markup = octets.indexOf(LT, start);
  const end = markup < 0 || markup > to ? to : markup;
  return {
    kind: 'text',
    start,
    end,
    get value() {
      return decode(octets, start, end, 'text');
    },
  };
}

function markupNode(
  document: ParsedSource,
  start: number,
  to: number,
): XmlText | XmlComment | XmlProcessingInstruction {
  const { octets } = document;
  if (octets[start + 1] === QUESTION) return instructionNode(document, start, to);
  const comment = startsWith(octets, start, COMMENT_OPEN);
  const end = comment ? commentEnd(document, start, to) : cdataEnd(document, start, to);
  const valueStart = start + (comment ? COMMENT_OPEN : CDATA_OPEN).length;
  const valueEnd = end - (comment ? COMMENT_CLOSE_LENGTH : CDATA_CLOSE.length);
  return {
    kind: comment ? 'comment' : 'cdata',
    start,
    end,
    get value() {
      return decodeLiteral(octets, valueStart, valueEnd);
    },
  };
}

function instructionNode(document: ParsedSource, start: number, to: number): XmlProcessingInstruction {
  const { octets } = document;
  const { end, targetEnd, dataStart } = readProcessingInstruction(document, start, to, document.names);
  return {
    kind: 'processing-instruction',
    start,
    end,
    target: utf8(octets, start + 2, targetEnd),
    get value() {
      return decodeLiteral(octets, dataStart, end - INSTRUCTION_CLOSE_LENGTH);
    },
  };
}

/** Offset after `>` of the start tag at `start`. */
export function startTagEnd(octets: Uint8Array, start: number): number {
  let quote = 0;
  for (let p = start; ; p += 1) {
    const octet = octets[p] as number;
    if (quote === 0 ? octet === GT : octet === quote) {
      if (quote === 0) return p + 1;
      quote = 0;
    } else if (quote === 0 && (octet === QUOT || octet === APOS)) quote = octet;
  }
}

/** Offset of `</` of the end tag that ends at `end`. */
export function endTagStart(octets: Uint8Array, end: number): number {
  let p = end - 2;
  while (octets[p] !== SLASH || octets[p - 1] !== LT) p -= 1;
  return p - 1;
}

/** Comments and processing instructions before and after the document element, in document order. */
export function outsideNodes(document: ParsedSource): (XmlComment | XmlProcessingInstruction)[] {
  const { octets } = document;
  const declarationEnd = passDeclaration(document, octets.length, true);
  return [
    ...outsideBetween(document, declarationEnd, document.elements.start(0)),
    ...outsideBetween(document, document.elements.end(0), octets.length),
  ];
}

function outsideBetween(
  document: ParsedSource,
  from: number,
  to: number,
): (XmlComment | XmlProcessingInstruction)[] {
  const nodes: (XmlComment | XmlProcessingInstruction)[] = [];
  let p = skipWhiteSpace(document.octets, from, to);
  while (p < to) {
    const node = markupNode(document, p, to);
    if (node.kind === 'comment' || node.kind === 'processing-instruction') nodes.push(node);
    p = skipWhiteSpace(document.octets, node.end, to);
  }
  return nodes;
}
