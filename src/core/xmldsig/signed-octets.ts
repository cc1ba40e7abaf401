import type { CanonicalOctets } from '../brand.ts';
import { C14N_1_0 } from '../c14n/algorithms.ts';
import { canonicalize } from '../c14n/canonicalize.ts';
import type { C14nTarget } from '../c14n/targets.ts';
import type { XmlDocument, XmlElement } from '../xml/model.ts';
import { OctetBuffer } from '../xml/octet-buffer.ts';
import type { XmlSignatureProfile } from './profile.ts';

/**
 * What a profile's signature covers, as a target of canonicalization. In every profile so far the transforms come to C14N 1.0 of the
 * signed element, or of the document without its Signature.
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
  const target = signedTarget(profile, element, signature);
  const left = signature === undefined ? 0 : signature.end - signature.start;
  return gather(document, target, element.end - element.start - (target.kind === 'document' ? left : 0));
}

/** The canonical octets of an element in its context: what is signed of SignedInfo. @throws JitsuinError the codes of `core/c14n` */
export function elementOctets(element: XmlElement): CanonicalOctets {
  return gather(element.document, { kind: 'element', element }, element.end - element.start);
}

/** Respelled references, closed empty elements and inherited declarations make the canonical form a little longer than the source. */
const USUAL_GROWTH = 1.1;
const LEAST_ROOM = 256;

function gather(document: XmlDocument, target: C14nTarget, sourceLength: number): CanonicalOctets {
  const gathered = new OctetBuffer(Math.ceil(sourceLength * USUAL_GROWTH) + LEAST_ROOM);
  canonicalize(
    document,
    target,
    { algorithm: C14N_1_0 },
    { update: (octets) => gathered.append(octets, 0, octets.length) },
  );
  return gathered.slice() as CanonicalOctets;
}
