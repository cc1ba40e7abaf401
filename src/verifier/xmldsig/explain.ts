import type { CanonicalOctets } from '../../core/brand.ts';
import { equalOctets, sha256 } from '../../core/digest/sha256.ts';
import { toBase64 } from '../../core/encoding.ts';
import type { XmlLimits } from '../../core/xml/limits.ts';
import { parseXml } from '../../core/xml/parse.ts';
import type {
  SignedElementSelector,
  XmlSignatureProfileName,
} from '../../core/xmldsig/prepared-signature.ts';
import { XML_SIGNATURE_PROFILES } from '../../core/xmldsig/profile-table.ts';
import { acceptSignature } from '../../core/xmldsig/signature-policy.ts';
import { readSignatureShape } from '../../core/xmldsig/signature-shape.ts';
import { locateSignedElement } from '../../core/xmldsig/signed-element.ts';
import { elementOctets, signedOctets, signedTarget } from '../../core/xmldsig/signed-octets.ts';
import { digestVariants } from './digest-variants.ts';
import { type FirstDifference, firstDifference } from './first-difference.ts';
import { OctetBudget } from './octet-budget.ts';
import { digestValueOf } from './signature-text.ts';

interface ExplainOptions {
  readonly profile: XmlSignatureProfileName;
  readonly signedElement?: SignedElementSelector;
  readonly limits?: Partial<XmlLimits>;
  /** The octets that the other system says it digested, when it can be asked for them. */
  readonly expectedOctets?: Uint8Array;
}

/** Why a DigestValue is not the digest of the signed element. */
export interface DigestExplanation {
  /** Base64 of the DigestValue in the document. */
  readonly expectedDigest: string;
  readonly foundDigest: string;
  /** Canonical octets of the document as it is. */
  readonly foundOctets: CanonicalOctets;
  /** Canonical SignedInfo as it is: what the SignatureValue must belong to. */
  readonly signedInfoOctets: CanonicalOctets;
  /** Octets with exactly the expected digest, when some were found. */
  readonly expectedOctets?: Uint8Array;
  /** Which reading of the document, or of the given octets, has the expected digest. */
  readonly cause?: { readonly name: string; readonly explanation: string };
  /** Between `expectedOctets` (or the given ones) and `foundOctets`. */
  readonly difference?: FirstDifference;
  /** Every reading tried, with its digest in base64. */
  readonly tried: readonly { readonly cause: string; readonly digest: string }[];
}

/** Above this size only the profile's own reading is tried. */
const MOST_OCTETS = 4 * 1024 * 1024;

/**
 * Octets that all readings together may be: some hundred readings of an ordinary application, the first dozens of a
 * large one.
 */
const OCTETS_MADE = 16 * 1024 * 1024;

/**
 * Answers "why does my digest differ?": tries the readings that other systems are known to make and names the one
 * that has the DigestValue of the document.
 * @throws JitsuinError when the document has not the form or the algorithms of the profile (codes of
 * `verifyXmlSignature`)
 */
export function explainDigest(octets: Uint8Array, options: ExplainOptions): DigestExplanation {
  const profile = XML_SIGNATURE_PROFILES[options.profile];
  const document = parseXml(octets, options.limits);
  const shape = readSignatureShape(document, profile);
  const { element, description } = locateSignedElement(document, profile, options.signedElement);
  const { reference } = acceptSignature(shape, profile, description.id);
  const expected = digestValueOf(reference.digestValue);
  const foundOctets = signedOctets(document, profile, element, shape.signature);
  const target = signedTarget(profile, element, shape.signature);
  const readings =
    octets.length > MOST_OCTETS
      ? [{ cause: 'profile', explanation: 'what the profile says', octets: foundOctets }]
      : digestVariants(document, element, shape.signature, target, new OctetBudget(OCTETS_MADE));
  return {
    expectedDigest: toBase64(expected),
    foundDigest: toBase64(sha256(foundOctets)),
    foundOctets,
    signedInfoOctets: elementOctets(shape.signedInfo),
    ...search(readings, expected, foundOctets, options.expectedOctets),
  };
}

type Reading = { readonly cause: string; readonly explanation: string; readonly octets: Uint8Array };

function search(
  readings: Iterable<Reading>,
  expected: Uint8Array,
  found: Uint8Array,
  given: Uint8Array | undefined,
): Pick<DigestExplanation, 'expectedOctets' | 'cause' | 'difference' | 'tried'> {
  const tried: { cause: string; digest: string }[] = [];
  for (const { cause, explanation, octets } of given === undefined ? readings : withGiven(given, readings)) {
    const digest = sha256(octets);
    tried.push({ cause, digest: toBase64(digest) });
    if (!equalOctets(digest, expected)) continue;
    return {
      expectedOctets: octets,
      cause: { name: cause, explanation },
      ...differenceOf(octets, found),
      tried,
    };
  }
  return given === undefined ? { tried } : { ...differenceOf(given, found), tried };
}

function* withGiven(given: Uint8Array, readings: Iterable<Reading>): Generator<Reading> {
  yield {
    cause: 'given-octets',
    explanation: 'the octets that were given as the expected ones',
    octets: given,
  };
  yield* readings;
}

function differenceOf(expected: Uint8Array, found: Uint8Array): { readonly difference?: FirstDifference } {
  const difference = firstDifference(expected, found);
  return difference === undefined ? {} : { difference };
}
