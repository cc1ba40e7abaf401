import {
  C14N_1_0,
  C14N_1_0_WITH_COMMENTS,
  C14N_1_1,
  type C14nUri,
  EXC_C14N,
} from '../../core/c14n/algorithms.ts';
import { canonicalOctets } from '../../core/c14n/canonicalize.ts';
import type { C14nTarget } from '../../core/c14n/targets.ts';
import { fromUtf8, toUtf8 } from '../../core/encoding.ts';
import { asJitsuinError } from '../../core/errors.ts';
import { normalizedText } from '../../core/normalized-text.ts';
import type { XmlDocument, XmlElement } from '../../core/xml/model.ts';
import type { OctetBudget } from './octet-budget.ts';

/** Octets that another system may have digested, with the mistake or reading that leads to them. */
interface DigestVariant {
  /** Stable name of the cause, for example `line-ends-crlf`. */
  readonly cause: string;
  /** For people: what the signer digested. */
  readonly explanation: string;
  readonly octets: Uint8Array;
}

interface Reading {
  readonly cause: string;
  readonly explanation: string;
  /** @throws JitsuinError `xml.limit` when they would be more than `most` */
  readonly octets: (most: number) => Uint8Array;
}

/**
 * Every reading of a document that is met in practice, the profile's own first: what was canonicalized (scope), how
 * it was canonicalized, and what happened to the text. Made one after the other, so that a caller may stop. All of
 * them together draw on one budget of octets: a reading that it has no room for is left out.
 */
export function* digestVariants(
  document: XmlDocument,
  signed: XmlElement,
  signature: XmlElement,
  ownTarget: C14nTarget,
  budget: OctetBudget,
): Generator<DigestVariant> {
  for (const reading of readings(document, signed, signature, ownTarget)) {
    const octets = readWithin(reading, budget);
    if (octets === undefined) continue;
    yield { cause: reading.cause, explanation: reading.explanation, octets };
    const text = fromUtf8(octets);
    for (const change of TEXT_CHANGES) {
      const changed = change.apply(text, budget);
      if (changed === undefined) continue;
      const own = reading.cause === OWN;
      yield {
        cause: own ? change.cause : `${reading.cause}, ${change.cause}`,
        explanation: own ? change.explanation : `${reading.explanation}; and ${change.explanation}`,
        octets: changed,
      };
    }
  }
}

function readWithin(reading: Reading, budget: OctetBudget): Uint8Array | undefined {
  if (budget.left === 0) return undefined;
  try {
    const octets = reading.octets(budget.left);
    return budget.take(octets.length) ? octets : undefined;
  } catch (thrown) {
    if (asJitsuinError(thrown).code !== 'xml.limit') throw thrown;
    budget.end();
    return undefined;
  }
}

const OWN = 'profile';

function readings(
  document: XmlDocument,
  signed: XmlElement,
  signature: XmlElement,
  ownTarget: C14nTarget,
): readonly Reading[] {
  const canonical = (target: C14nTarget, algorithm: C14nUri) => (most: number) =>
    canonicalOctets(document, target, { algorithm }, most);
  const withoutSignature: C14nTarget = { kind: 'document', without: signature };
  const raw = (from: number, to: number) => () => document.octets.subarray(from, to);
  return [
    { cause: OWN, explanation: 'what the profile says', octets: canonical(ownTarget, C14N_1_0) },
    {
      cause: 'inherited-namespaces',
      explanation:
        'the element without the namespaces and xml:* attributes that it inherits (exclusive C14N, ' +
        'or the element cut out of its document)',
      octets: canonical(ownTarget, EXC_C14N),
    },
    {
      cause: 'with-comments',
      explanation: 'the comments too (C14N #WithComments)',
      octets: canonical(ownTarget, C14N_1_0_WITH_COMMENTS),
    },
    { cause: 'c14n-1.1', explanation: 'C14N 1.1 instead of 1.0', octets: canonical(ownTarget, C14N_1_1) },
    ...elementsInstead(document, signature, ownTarget).map((element) => ({
      cause: 'element-instead-of-document',
      explanation: `the element ${element.localName} alone, not the document`,
      octets: canonical({ kind: 'element', element }, C14N_1_0),
    })),
    {
      cause: 'document-instead-of-element',
      explanation: 'the whole document without its Signature, not the element',
      octets: canonical(withoutSignature, C14N_1_0),
    },
    {
      cause: 'signature-included',
      explanation: 'the whole document with its Signature',
      octets: canonical({ kind: 'document' }, C14N_1_0),
    },
    {
      cause: 'not-canonicalized',
      explanation: 'the element as it is written, not canonicalized',
      octets: raw(signed.start, signed.end),
    },
    {
      cause: 'content-only',
      explanation: 'what is between the tags of the element, without the tags',
      octets: raw(signed.contentStart, signed.contentEnd),
    },
    {
      cause: 'file-as-is',
      explanation: 'the file as it is, with everything in it',
      octets: raw(0, document.octets.length),
    },
  ];
}

/**
 * The children that a signer may have taken for the document: applications have few, and a list of records has no
 * first guess.
 */
const MOST_CHILDREN = 8;

function elementsInstead(document: XmlDocument, signature: XmlElement, ownTarget: C14nTarget): XmlElement[] {
  if (ownTarget.kind !== 'document') return [];
  return document.root
    .childElements()
    .filter((child) => child !== signature)
    .slice(0, MOST_CHILDREN);
}

interface TextChange {
  readonly cause: string;
  readonly explanation: string;
  /** undefined when it changes nothing, or there is no room for it. */
  readonly apply: (text: string, budget: OctetBudget) => Uint8Array | undefined;
}

const BYTE_ORDER_MARK = '\ufeff';

/** Changes of text that files meet on their way, applied to canonical octets. */
const TEXT_CHANGES: readonly TextChange[] = [
  change('line-ends-crlf', 'its lines ended with CR LF', (text) => text.replaceAll('\n', '\r\n')),
  change('line-ends-cr-reference', 'its lines ended with CR LF and the CR became &#xD;', (text) =>
    text.replaceAll('\n', '&#xD;\n'),
  ),
  change('line-ends-without-cr', 'without the CRs that stand in it as &#xD;', (text) =>
    text.replaceAll('&#xD;', ''),
  ),
  change('indentation-removed', 'without the white space between its tags', withoutSpaceBetweenTags),
  change('indentation-2', 'indented by 2 spaces', (text, most) => indented(text, '  ', most)),
  change('indentation-4', 'indented by 4 spaces', (text, most) => indented(text, '    ', most)),
  change('indentation-tab', 'indented by tabs', (text, most) => indented(text, '\t', most)),
  change('trailing-line-end', 'with a line end after it', (text) => `${text}\n`),
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
  {
    cause: 'encoding-utf-16le',
    explanation: 'encoded in UTF-16 (little-endian)',
    apply: (text, budget) =>
      budget.take(2 * text.length) ? new Uint8Array(Buffer.from(text, 'utf16le')) : undefined,
  },
];

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
