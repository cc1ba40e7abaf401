import type { CanonicalOctets } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { sha256 } from '../../core/digest/sha256.ts';
import { toBase64 } from '../../core/encoding.ts';
import { readOnlySignature } from '../../core/forms/form-signature.ts';
import type { XmlLimits } from '../../core/xml/limits.ts';
import { parseXml } from '../../core/xml/parse.ts';
import type {
  SignedElementSelector,
  XmlSignatureProfileName,
} from '../../core/xmldsig/prepared-signature.ts';
import { XML_SIGNATURE_PROFILES } from '../../core/xmldsig/profile-table.ts';
import { acceptSignature } from '../../core/xmldsig/signature-policy.ts';
import { locateSignedElement } from '../../core/xmldsig/signed-element.ts';
import { elementOctets, signedOctets, signedTarget } from '../../core/xmldsig/signed-octets.ts';
import { documentSource, signedInfoSource } from './document-sources.ts';
import { explainedByKey } from './explained-by-key.ts';
import { type FirstDifference, firstDifference } from './first-difference.ts';
import { OctetBudget } from './octet-budget.ts';
import { OWN, type Reading, readings } from './readings.ts';
import { search } from './search.ts';
import { explainValue, type ValueExplanation } from './signature-value.ts';
import { spelledBy } from './spellings.ts';

interface ExplainOptions {
  readonly profile: XmlSignatureProfileName;
  readonly signedElement?: SignedElementSelector;
  readonly limits?: Partial<XmlLimits>;
  /** The octets that the other system says it digested, when it can be asked for them. */
  readonly expectedOctets?: Uint8Array;
}

/** Why a DigestValue is not the digest of the signed element, and a SignatureValue not that of SignedInfo. */
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
  /** Absent where no certificate can be read, and where the whole is larger than what is looked at. */
  readonly value?: ValueExplanation;
}

/** Above this size only the profile's own reading is tried. */
const MOST_OCTETS = 4 * 1024 * 1024;

/**
 * Octets that all readings together may be: some hundred readings of an ordinary application, the first dozens of a
 * large one.
 */
const OCTETS_MADE = 16 * 1024 * 1024;

/**
 * Answers "why does my digest, or my signature, differ?": tries the readings that other systems are known to make and
 * names the one that has the DigestValue of the document, and what was done otherwise between SignedInfo and card.
 * Bounded by octets made, whatever the document.
 * @throws JitsuinError when the document has not the form or the algorithms of the profile (codes of
 * `verifyXmlSignature`)
 */
export function explainDigest(octets: Uint8Array, options: ExplainOptions): DigestExplanation {
  const profile = XML_SIGNATURE_PROFILES[options.profile];
  const document = parseXml(octets, options.limits);
  const shape = readOnlySignature(document, profile.form, 'wider');
  const { element, description } = locateSignedElement(document, profile, options.signedElement);
  const { reference, algorithm } = acceptSignature(shape, profile, description.id);
  const expected = spelledBy(reference.digestValue.text().value);
  const foundOctets = signedOctets(document, profile, element, shape.signature);
  const target = signedTarget(profile, element, shape.signature);
  const source = documentSource(document, element, shape.signature, target);
  const signedInfoOctets = elementOctets(shape.signedInfo);
  const some =
    octets.length > MOST_OCTETS
      ? [{ cause: OWN, explanation: source.own.explanation, octets: foundOctets }]
      : readings(source, new OctetBudget(OCTETS_MADE));
  const tried: { cause: string; digest: string }[] = [];
  const given = options.expectedOctets;
  const found = search(given === undefined ? some : withGiven(given, some), expected, ({ cause, digest }) =>
    tried.push({ cause, digest: toBase64(digest) }),
  );
  const other = found?.octets ?? given;
  return defined({
    expectedDigest: toBase64(expected[0]?.octets ?? new Uint8Array()),
    foundDigest: toBase64(sha256(foundOctets)),
    foundOctets,
    signedInfoOctets,
    expectedOctets: found?.octets,
    cause: found === undefined ? undefined : { name: found.cause, explanation: found.explanation },
    difference: other === undefined ? undefined : firstDifference(other, foundOctets),
    tried,
    value: explainedByKey(shape.certificate, (publicKey) => {
      const parts = {
        signedInfo: shape.signedInfo,
        signature: shape.signature,
        digestValue: reference.digestValue,
      };
      const spelled = spelledBy(shape.signatureValue.text().value);
      const instead = signedInfoSource(document, parts, target);
      return explainValue({ algorithm, publicKey, spelled }, signedInfoOctets, () =>
        readings(instead, new OctetBudget(OCTETS_MADE)),
      );
    }),
  });
}

function* withGiven(given: Uint8Array, others: Iterable<Reading>): Generator<Reading> {
  yield {
    cause: 'given-octets',
    explanation: 'the octets that were given as the expected ones',
    octets: given,
  };
  yield* others;
}
