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
import { OWN, type ReadingSource, type Scope } from './readings.ts';
import { spelledBy } from './spellings.ts';

/** What a Reference covers, by its profile, and what may have been digested instead. */
export function documentSource(
  document: XmlDocument,
  signed: XmlElement,
  signature: XmlElement,
  target: C14nTarget,
): ReadingSource {
  const hole = target.without;
  const raw = rawOf(document);
  const source = {
    document,
    apex: signed,
    whole: target.kind === 'document',
    own: canonical(document, target, OWN, 'what the profile says'),
    methods: methodsOf(document, target),
    others: [
      ...elementsInstead(document, signature, target),
      canonical(
        document,
        { kind: 'document', without: signature },
        'document-instead-of-element',
        'the whole document without its Signature, not the element',
      ),
      canonical(
        document,
        { kind: 'document' },
        'signature-included',
        'the whole document with its Signature',
      ),
      raw('not-canonicalized', 'the element as it is written, not canonicalized', signed.start, signed.end),
      raw(
        'content-only',
        'what is between the tags of the element, without the tags',
        signed.contentStart,
        signed.contentEnd,
      ),
      raw('file-as-is', 'the file as it is, with everything in it', 0, document.octets.length),
    ],
  };
  return hole === undefined ? source : { ...source, hole };
}

/** SignedInfo, and what may have been signed instead of it. */
export function signedInfoSource(
  document: XmlDocument,
  parts: {
    readonly signedInfo: XmlElement;
    readonly signature: XmlElement;
    readonly digestValue: XmlElement;
  },
  signedTarget: C14nTarget,
): ReadingSource {
  const { signedInfo, signature, digestValue } = parts;
  const raw = rawOf(document);
  const target: C14nTarget = { kind: 'element', element: signedInfo };
  return {
    document,
    apex: signedInfo,
    whole: false,
    own: canonical(document, target, OWN, 'SignedInfo in its canonical form'),
    methods: methodsOf(document, target),
    others: [
      raw('signed-info-as-written', 'SignedInfo as it is written', signedInfo.start, signedInfo.end),
      canonical(
        document,
        signedTarget,
        'document-instead-of-signed-info',
        'the signed document itself, not SignedInfo',
      ),
      {
        cause: 'digest-value-instead-of-signed-info',
        explanation: 'the octets of the DigestValue, not SignedInfo',
        octets: () => spelledBy(digestValue.text().value)[0]?.octets ?? new Uint8Array(),
      },
      {
        cause: 'digest-value-text',
        explanation: 'the text of the DigestValue, not SignedInfo',
        octets: () => toUtf8(digestValue.text().value),
      },
      {
        cause: 'signed-info-without-digest',
        explanation: 'SignedInfo before the DigestValue was put in',
        octets: (most) =>
          toUtf8(
            fromUtf8(canonicalOctets(document, target, { algorithm: C14N_1_0 }, most)).replace(
              /(DigestValue>)[^<]*/,
              '$1',
            ),
          ),
      },
      canonical(
        document,
        { kind: 'element', element: signature },
        'signature-instead-of-signed-info',
        'the whole Signature, not SignedInfo',
      ),
    ],
  };
}

function methodsOf(document: XmlDocument, target: C14nTarget): readonly Scope[] {
  return [
    canonical(
      document,
      target,
      'inherited-namespaces',
      'the element without the namespaces and xml:* attributes that it inherits (exclusive C14N, ' +
        'or the element cut out of its document)',
      EXC_C14N,
    ),
    canonical(
      document,
      target,
      'with-comments',
      'the comments too (C14N #WithComments)',
      C14N_1_0_WITH_COMMENTS,
    ),
    canonical(document, target, 'c14n-1.1', 'C14N 1.1 instead of 1.0', C14N_1_1),
  ];
}

function canonical(
  document: XmlDocument,
  target: C14nTarget,
  cause: string,
  explanation: string,
  algorithm: C14nUri = C14N_1_0,
): Scope {
  return {
    cause,
    explanation,
    octets: (most) => canonicalOctets(document, target, { algorithm }, most),
  };
}

function rawOf({ octets }: XmlDocument) {
  return (cause: string, explanation: string, from: number, to: number): Scope => ({
    cause,
    explanation,
    octets: () => octets.subarray(from, to),
  });
}

/**
 * The children that a signer may have taken for the document: applications have few, and a list of records has no
 * first guess.
 */
const MOST_CHILDREN = 8;

function elementsInstead(document: XmlDocument, signature: XmlElement, target: C14nTarget): Scope[] {
  if (target.kind !== 'document') return [];
  return document.root
    .childElements()
    .filter((child) => child !== signature)
    .slice(0, MOST_CHILDREN)
    .map((element) =>
      canonical(
        document,
        { kind: 'element', element },
        'element-instead-of-document',
        `the element ${element.localName} alone, not the document`,
      ),
    );
}
