import type { KeyObject } from 'node:crypto';
import type { CanonicalOctets, EpochMillis, SignatureValue } from '../../core/brand.ts';
import type { DisputedConstruct } from '../../core/c14n/disputed.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { Report } from '../../core/report.ts';
import type { XmlLimits } from '../../core/xml/limits.ts';
import type { SignatureAlgorithm } from '../../core/xmldsig/algorithms.ts';
import type {
  SignedElement,
  SignedElementSelector,
  XmlSignatureProfileName,
} from '../../core/xmldsig/prepared-signature.ts';

/** Why a certificate was not accepted for use of its key. */
export interface CertificateRefusal {
  readonly code: ErrorCode;
  /** For people. No certificate content. */
  readonly detail?: string;
}

export type CertificateResolution =
  | { readonly publicKey: KeyObject }
  | { readonly refusal: CertificateRefusal };

/**
 * Where the verifying key comes from: from the caller, or from the embedded certificate through a function of the
 * caller's that reads it (syntax, key). The path, period, policy and revocation are judged elsewhere
 * (`src/verifier/x509`).
 */
export type VerificationKey =
  | { readonly kind: 'key'; readonly publicKey: KeyObject }
  | { readonly kind: 'certificate'; readonly resolve: (der: Uint8Array) => CertificateResolution };

/** Something of the document that the signature does not cover. */
export interface UnsignedPart {
  readonly kind: 'element' | 'text' | 'comment' | 'processing-instruction' | 'attribute';
  /** Local name of the element or attribute, target of the processing instruction; never content. */
  readonly name?: string;
  /** Octet offset in the document. */
  readonly offset: number;
}

/** The names of the checks, in the order in which they are made. */
export const XML_SIGNATURE_CHECKS = [
  'size',
  'encoding',
  'well-formed',
  'shape',
  'algorithm-policy',
  'certificate-syntax',
  'key-policy',
  'signature-value',
  'reference-digest',
] as const;
export type XmlSignatureCheckName = (typeof XML_SIGNATURE_CHECKS)[number];

export interface XmlSignatureValidation {
  /** The checks of XML_SIGNATURE_CHECKS, each present; those after the first failure are `not-reached`. */
  readonly report: Report;
  readonly profile: XmlSignatureProfileName;
  /** DER of the embedded certificate, once the shape was right. */
  readonly certificateDer?: Uint8Array;
  readonly signatureValue?: SignatureValue;
  readonly signedElement?: SignedElement;
  /** The hashes of SignatureMethod and DigestMethod, once both were accepted. */
  readonly hashes?: readonly SignatureAlgorithm['hash'][];
  /** The canonical octets that the signature covers: the only ones to read. Present only when TOTAL-PASSED. */
  readonly signedOctets?: CanonicalOctets;
  /** Lower-case hexadecimal SHA-256 of `signedOctets`. Present only when TOTAL-PASSED. */
  readonly signedOctetsSha256?: string;
  /** What the signature does not cover, in document order. Listed when TOTAL-PASSED. */
  readonly unsigned: readonly UnsignedPart[];
  /**
   * Constructs on which canonicalizers disagree: verified by the specification, and flagged. Listed when
   * TOTAL-PASSED.
   */
  readonly disputed: readonly DisputedConstruct[];
}

export interface VerifyXmlSignatureOptions {
  readonly profile: XmlSignatureProfileName;
  /** Defaults to what the profile says (guideline: 申請書; by-id: the one child of the root with an Id). */
  readonly signedElement?: SignedElementSelector;
  readonly key: VerificationKey;
  /** Goes into the report; a bare signature check does not depend on it. */
  readonly validationTime: EpochMillis;
  /** Lower limits than the defaults of `core/xml`. */
  readonly limits?: Partial<XmlLimits>;
}
