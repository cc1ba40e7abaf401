import type { SigningMode } from '../brand.ts';
import { expectUndisputed } from '../c14n/expect-undisputed.ts';
import { defined } from '../defined.ts';
import { equalOctets, sha256 } from '../digest/sha256.ts';
import { digestInfo, signingDigest, signingInput } from '../digest/signing-input.ts';
import { fromBase64, toHex } from '../encoding.ts';
import { JitsuinError } from '../errors.ts';
import { type OnlySignature, readOnlySignature } from '../forms/form-signature.ts';
import { effectiveLimits, type XmlLimits } from '../xml/limits.ts';
import type { XmlElement } from '../xml/model.ts';
import { parseXml } from '../xml/parse.ts';
import { CARD_ALGORITHMS, type CardAlgorithm, cardAlgorithm } from './algorithms.ts';
import type {
  PreparedSignature,
  SignedElementSelector,
  XmlSignatureProfileName,
} from './prepared-signature.ts';
import { type KeptBeside, readPreparedState, writePreparedState } from './prepared-state.ts';
import { XML_SIGNATURE_PROFILES } from './profile-table.ts';
import { signatureCandidates, standingAlone } from './signature-candidates.ts';
import { acceptSignature } from './signature-policy.ts';
import { signatureTemplate } from './signature-template.ts';
import { locateSignedElement } from './signed-element.ts';
import { elementOctets, signedOctets, signedTarget } from './signed-octets.ts';
import { appendToRoot, expectEmpty, rootAround } from './splice.ts';

interface SkeletonOptions {
  readonly signedElement?: SignedElementSelector;
  readonly limits?: Partial<XmlLimits>;
}

export interface PrepareOptions extends SkeletonOptions {
  readonly profile: XmlSignatureProfileName;
  /** Anything but `digest-info` is refused: the service would hash twice (`xmldsig.mode`). Default `digest-info`. */
  readonly mode?: SigningMode;
  /** What the card signs with, written into SignedInfo. Default: what the profile says, RSA with SHA-256. */
  readonly algorithm?: CardAlgorithm;
}

/**
 * Makes everything that is needed to have an XML document signed elsewhere: the skeleton (the document's own octets
 * with a Signature spliced in), the canonical SignedInfo, its digest and the `data` of the start request.
 * @param document UTF-8 XML, not yet signed
 * @throws JitsuinError `xmldsig.mode`, `xmldsig.already-signed`, `xmldsig.signed-element`,
 * `c14n.disputed-construct`, and the
 *   codes of `core/xml`
 */
export function prepareSignature(document: Uint8Array, options: PrepareOptions): PreparedSignature {
  if (options.mode === 'digest') {
    throw new JitsuinError(
      'xmldsig.mode',
      'Only mode digest-info can become an XML Signature: in mode digest the service hashes once more.',
    );
  }
  const profile = XML_SIGNATURE_PROFILES[options.profile];
  const parsed = parseXml(document, withRoom(options.limits));
  const [present] = signatureCandidates(parsed);
  if (present !== undefined) {
    throw new JitsuinError('xmldsig.already-signed', alreadySigned(present), {
      at: `octet ${present.start}`,
    });
  }
  const located = locateSignedElement(parsed, profile, options.signedElement);
  expectUndisputed(parsed, signedTarget(profile, located.element, undefined));
  const digest = sha256(signedOctets(parsed, profile, located.element, undefined));
  const { algorithm, limits } = options;
  const method = algorithm === undefined ? profile.signatureMethod : CARD_ALGORITHMS[algorithm].uri;
  const template = signatureTemplate(profile, method, digest, located.description.id);
  const skeleton = appendToRoot(parsed, template);
  // an element of such a name may be another one beside the Signature's own
  if (NAMES_OF_SIGNATURE.has(located.element.localName))
    return readSkeleton(skeleton, options.profile, options);
  // SignedInfo is canonicalized in the context of the document element, whatever else stands in it
  const frame = rootAround(parsed, template);
  const shape = readOnlySignature(parseXml(frame.octets, limits), profile.form);
  const accepted = acceptSignature(shape, profile, located.description.id);
  return prepared({
    profile: options.profile,
    skeleton,
    selector: options.signedElement,
    signatureMethod: accepted.algorithm.uri,
    signedElement: located.description,
    signedOctetsSha256: toHex(digest),
    signedInfoOctets: elementOctets(shape.signedInfo),
    emptyAt: emptyAt(shape, frame.left),
  });
}

function emptyAt({ signatureValue, certificate }: OnlySignature, left: number) {
  return { signatureValue: signatureValue.contentStart + left, certificate: certificate.contentStart + left };
}

const NAMES_OF_SIGNATURE: ReadonlySet<string> = new Set([
  'Signature',
  'SignedInfo',
  'CanonicalizationMethod',
  'SignatureMethod',
  'Reference',
  'Transforms',
  'Transform',
  'DigestMethod',
  'DigestValue',
  'SignatureValue',
  'KeyInfo',
  'X509Data',
  'X509Certificate',
]);

/** What a Signature adds at most: its document must be readable with it. */
const ROOM = { size: 4096, elements: 16, distinctNames: 32 };

function withRoom(lowered?: Partial<XmlLimits>): XmlLimits {
  const limits = effectiveLimits(lowered);
  return {
    ...limits,
    size: Math.max(1, limits.size - ROOM.size),
    elements: Math.max(1, limits.elements - ROOM.elements),
    distinctNames: Math.max(1, limits.distinctNames - ROOM.distinctNames),
  };
}

/**
 * Recomputes a prepared signature from its skeleton alone and checks that the skeleton's DigestValue is right. The
 * platform operator compares the resulting `data` with the one that was sent to the service.
 * @throws JitsuinError `xmldsig.unsigned`, `xmldsig.shape`, `xmldsig.policy`, `xmldsig.signed-element`,
 * `xmldsig.digest`,
 *   `c14n.disputed-construct`, and the codes of `core/xml`
 */
export function readSkeleton(
  skeleton: Uint8Array,
  profileName: XmlSignatureProfileName,
  options: SkeletonOptions = {},
): PreparedSignature {
  const profile = XML_SIGNATURE_PROFILES[profileName];
  const parsed = parseXml(skeleton, options.limits);
  const shape = readOnlySignature(parsed, profile.form);
  for (const leaf of [shape.signatureValue, shape.certificate]) expectEmpty(leaf);
  const located = locateSignedElement(parsed, profile, options.signedElement);
  const { algorithm, reference } = acceptSignature(shape, profile, located.description.id);
  const card = cardAlgorithm(algorithm.uri);
  if (card === undefined) {
    throw new JitsuinError(
      'xmldsig.policy',
      `No card signs with ${algorithm.uri}; profile ${profileName} has ${profile.signatureMethod}.`,
    );
  }
  expectUndisputed(parsed, signedTarget(profile, located.element, undefined));
  const signedDigest = sha256(signedOctets(parsed, profile, located.element, shape.signature));
  if (!equalOctets(fromBase64(reference.digestValue.text().value, 'DigestValue'), signedDigest)) {
    throw new JitsuinError(
      'xmldsig.digest',
      'The DigestValue of the skeleton is not the digest of its signed element.',
    );
  }
  return prepared({
    profile: profileName,
    skeleton,
    selector: options.signedElement,
    signatureMethod: card.uri,
    signedElement: located.description,
    signedOctetsSha256: toHex(signedDigest),
    signedInfoOctets: elementOctets(shape.signedInfo),
    emptyAt: emptyAt(shape, 0),
  });
}

/**
 * Restores what `prepareSignature` returned, from its `state` (or one beside its document). Everything is computed
 * again from the skeleton inside.
 * @throws JitsuinError `xmldsig.state` when the state is not one, is of an unknown version, or does not agree with
 * itself
 */
export function resumePrepared(state: string | KeptBeside, limits?: Partial<XmlLimits>): PreparedSignature {
  const stored = readPreparedState(state);
  const restored = readSkeleton(
    stored.skeleton,
    stored.profile,
    defined({
      signedElement: stored.signedElement,
      limits,
    }),
  );
  if (restored.data !== stored.data) {
    throw new JitsuinError('xmldsig.state', 'The stored data does not belong to the stored skeleton.');
  }
  return restored;
}

function prepared({
  selector,
  ...signature
}: Pick<
  PreparedSignature,
  | 'profile'
  | 'skeleton'
  | 'signatureMethod'
  | 'signedElement'
  | 'signedOctetsSha256'
  | 'signedInfoOctets'
  | 'emptyAt'
> & { readonly selector: SignedElementSelector | undefined }): PreparedSignature {
  const hash = cardAlgorithm(signature.signatureMethod)?.hash ?? 'sha256';
  const digest = signingDigest(hash, signature.signedInfoOctets);
  const data = signingInput('digest-info', digest);
  const { profile, skeleton } = signature;
  return {
    ...signature,
    digest,
    digestInfo: digestInfo(digest),
    data,
    // of no use to most who ask, and as large as the document
    get state() {
      return writePreparedState(defined({ profile, signedElement: selector, data, skeleton }));
    },
  };
}

function alreadySigned(present: XmlElement): string {
  const alone = standingAlone(present);
  if (alone !== undefined) return `${alone} It is signed already, or is no document to be signed.`;
  if (present.childElements().length === 0 && present.text().value.trim() === '')
    return 'The document has an empty Signature as a placeholder. Remove it: the Signature is written for you.';
  return 'The document has a Signature already.';
}
