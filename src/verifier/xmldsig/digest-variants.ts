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
import type { XmlDocument, XmlElement } from '../../core/xml/model.ts';

/** Octets that another system may have digested, with the mistake or reading that leads to them. */
export interface DigestVariant {
  /** Stable name of the cause, for example `line-ends-crlf`. */
  readonly cause: string;
  /** For people: what the signer digested. */
  readonly explanation: string;
  readonly octets: Uint8Array;
}

interface Reading {
  readonly cause: string;
  readonly explanation: string;
  readonly octets: () => Uint8Array;
}

/**
 * Every reading of a document that is met in practice, the profile's own first: what was canonicalized (scope), how it was
 * canonicalized, and what happened to the text. Made one after the other, so that a caller may stop.
 */
export function* digestVariants(
  document: XmlDocument,
  signed: XmlElement,
  signature: XmlElement,
  ownTarget: C14nTarget,
): Generator<DigestVariant> {
  for (const reading of readings(document, signed, signature, ownTarget)) {
    const octets = reading.octets();
    yield { cause: reading.cause, explanation: reading.explanation, octets };
    for (const change of TEXT_CHANGES) {
      const changed = change.apply(octets);
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

const OWN = 'profile';

function readings(
  document: XmlDocument,
  signed: XmlElement,
  signature: XmlElement,
  ownTarget: C14nTarget,
): readonly Reading[] {
  const canonical = (target: C14nTarget, algorithm: C14nUri) => () =>
    canonicalOctets(document, target, { algorithm });
  const withoutSignature: C14nTarget = { kind: 'document', without: signature };
  const raw = (from: number, to: number) => () => document.octets.subarray(from, to);
  return [
    { cause: OWN, explanation: 'what the profile says', octets: canonical(ownTarget, C14N_1_0) },
    {
      cause: 'inherited-namespaces',
      explanation:
        'the element without the namespaces and xml:* attributes that it inherits (exclusive C14N, or the element cut out of its document)',
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

/** The children that a signer may have taken for the document: applications have few, and a list of records has no first guess. */
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
  /** undefined when it changes nothing. */
  readonly apply: (octets: Uint8Array) => Uint8Array | undefined;
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
  change('indentation-removed', 'without the white space between its tags', (text) =>
    text.replace(/>[\t\n\r ]+</g, '><'),
  ),
  change('indentation-2', 'indented by 2 spaces', (text) => indented(text, '  ')),
  change('indentation-4', 'indented by 4 spaces', (text) => indented(text, '    ')),
  change('indentation-tab', 'indented by tabs', (text) => indented(text, '\t')),
  change('trailing-line-end', 'with a line end after it', (text) => `${text}\n`),
  change('byte-order-mark', 'with a byte order mark before it', (text) => BYTE_ORDER_MARK + text),
  change('normalization-nfc', 'with its characters composed (Unicode NFC)', (text) => text.normalize('NFC')),
  change('normalization-nfd', 'with its characters decomposed (Unicode NFD)', (text) =>
    text.normalize('NFD'),
  ),
  change('normalization-nfkc', 'with compatibility characters replaced (Unicode NFKC)', (text) =>
    text.normalize('NFKC'),
  ),
  {
    cause: 'encoding-utf-16le',
    explanation: 'encoded in UTF-16 (little-endian)',
    apply: (octets) => new Uint8Array(Buffer.from(fromUtf8(octets), 'utf16le')),
  },
];

function change(cause: string, explanation: string, rewrite: (text: string) => string): TextChange {
  return {
    cause,
    explanation,
    apply: (octets) => {
      const text = fromUtf8(octets);
      const rewritten = rewrite(text);
      return rewritten === text ? undefined : toUtf8(rewritten);
    },
  };
}

/** Canonical text as a pretty-printer would write it: each tag on a line of its own, leaves on one line. */
function indented(text: string, unit: string): string {
  const tokens = text.replace(/>[\t\n\r ]+</g, '><').split(/(?<=>)(?=<)/);
  let depth = 0;
  return tokens
    .map((token) => {
      const closing = token.startsWith('</');
      if (closing) depth -= 1;
      const line = unit.repeat(Math.max(0, depth)) + token;
      if (!closing && !/<\/[^<>]*>$/.test(token)) depth += 1;
      return line;
    })
    .join('\n');
}
