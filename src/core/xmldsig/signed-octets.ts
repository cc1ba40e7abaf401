import type { CanonicalOctets } from '../brand.ts';
import { C14N_1_0 } from '../c14n/algorithms.ts';
import { canonicalOctets } from '../c14n/canonicalize.ts';
import type { C14nMethod, C14nTarget } from '../c14n/targets.ts';
import type { XmlDocument, XmlElement } from '../xml/model.ts';
import type { XmlSignatureProfile } from './profile.ts';

const METHOD: C14nMethod = { algorithm: C14N_1_0 };

/**
 * What a profile's signature covers, as a target of canonicalization. In every profile so far the transforms come
 * to C14N 1.0 of the signed element, or of the document without its Signature.
 * @param signature the Signature to leave out; undefined while there is none yet
 */
export function signedTarget(
  profile: XmlSignatureProfile,
  element: XmlElement,
  signature: XmlElement | undefined,
): C14nTarget {
  if (profile.target.kind !== 'document') return { kind: 'element', element };
  return signature === undefined ? { kind: 'document' } : { kind: 'document', without: signature };
}

/** The canonical octets that a profile's signature covers. @throws JitsuinError the codes of `core/c14n` */
export function signedOctets(
  document: XmlDocument,
  profile: XmlSignatureProfile,
  element: XmlElement,
  signature: XmlElement | undefined,
): CanonicalOctets {
  return canonicalOctets(document, signedTarget(profile, element, signature), METHOD);
}

/**
 * The canonical octets of an element in its context: what is signed of SignedInfo. @throws JitsuinError the codes
 * of `core/c14n`
 */
export function elementOctets(element: XmlElement): CanonicalOctets {
  return canonicalOctets(element.document, { kind: 'element', element }, METHOD);
}
