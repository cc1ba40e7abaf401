import type {
  CanonicalOctets,
  EpochMillis,
  SignatureValue,
  SigningInput,
  SigningMode,
} from '../core/brand.ts';
import type { AlgorithmEnds } from '../core/digest/algorithm-ends.ts';
import type { AttachedFile } from '../core/forms/attached-files.ts';
import type { Form } from '../core/forms/form.ts';
import type { Report } from '../core/report.ts';
import type { VerificationResult } from '../core/sign-transaction/verification.ts';
import type {
  PreparedSignature,
  SignedElementSelector,
  XmlSignatureProfileName,
} from '../core/xmldsig/prepared-signature.ts';
import type { FormSigner, FormValidation } from './forms/form-validation.ts';
import type {
  FreshnessPolicy,
  OcspTerms,
  ResponderCache,
  RevocationMethod,
  RevocationResult,
} from './revocation/revocation-types.ts';
import type { Certificate } from './x509/certificate-types.ts';
import type { JpkiCertificateKind, JpkiEnvironment, JpkiNit } from './x509/jpki-types.ts';
import type { PathPolicy } from './x509/path-types.ts';
import type { UnsignedPart, XmlSignatureValidation } from './xmldsig/validation.ts';

/** What is judged. */
export type ValidationSubject =
  /** XML whose SignatureValue and X509Certificate came apart from it (the bundle of pf, the clear result of gov). */
  | {
      readonly kind: 'skeleton';
      readonly prepared: PreparedSignature;
      /** DER. */
      readonly certificate: Uint8Array;
      readonly signatureValue: SignatureValue;
    }
  /** A finished signed XML document. */
  | {
      readonly kind: 'document';
      readonly document: Uint8Array;
      readonly profile: XmlSignatureProfileName;
      readonly signedElement?: SignedElementSelector;
    }
  /** Profile `detached`: a file's octets as they are. */
  | {
      readonly kind: 'file';
      readonly octets: Uint8Array;
      readonly certificate: Uint8Array;
      readonly signatureValue: SignatureValue;
    }
  /** XML in a receiver's form, with the files beside it; Signatures of others may stand in it already. */
  | {
      readonly kind: 'form';
      readonly form: Form;
      readonly skeleton: Uint8Array;
      readonly files: readonly AttachedFile[];
      readonly certificate: Uint8Array;
      readonly signatureValue: SignatureValue;
    };

/**
 * One Signature of a document in a receiver's form, whose form and digests were judged already
 * (`forms/verify-form.ts`).
 */
interface SignerSubject {
  readonly kind: 'signer';
  readonly signer: FormSigner;
}

/** The rules of one judgement, as data; recorded with the evidence. */
export interface ValidationPolicy {
  /** Stable name with version, for example `jpki-signing-test-1`. */
  readonly name: string;
  readonly environment: JpkiEnvironment;
  readonly path: PathPolicy;
  /** `jpki`: the leaf must also be a signing certificate of the JPKI profile; `none`: the path alone counts. */
  readonly profile: 'jpki' | 'none';
  /** `EITHER`: from whatever is at hand, offline; a certificate that one of them says is revoked is revoked. */
  readonly method: RevocationMethod | 'EITHER';
  readonly freshness?: Partial<FreshnessPolicy>;
  /** Hexadecimal SHA-256 of the policy file's octets. Absent in the policies of before there were files. */
  readonly sha256?: string;
  /** What the policy OIDs of certificates stand for. Absent in the policies of before: the table of that day. */
  readonly kinds?: readonly JpkiCertificateKind[];
  /** Until when algorithms are taken for sound (milliseconds since the epoch), and how long before it is said. */
  readonly algorithmEnds?: { readonly last: AlgorithmEnds; readonly warnBefore: number };
  /** Rules of the JPKI profile that only warn. */
  readonly warnOnly?: readonly JpkiNit[];
  /** `demanded`: nothing passes without a time-stamp over its signature. */
  readonly timeStamp?: 'demanded';
  /**
   * `after-revocation`: the signer's period is judged last, as EN 319 102-1 section 5.2.6 has it. Absent in the first
   * policies.
   */
  readonly signerDates?: 'after-revocation';
}

export interface ValidationRequest {
  readonly subject: ValidationSubject;
  /** As recorded with the transaction; never taken from the document or guessed (catalogue G7, S6). */
  readonly mode: SigningMode;
  /** `data` of the start request; absent only where there is no transaction (a document judged on its own). */
  readonly data?: SigningInput;
  /** From configuration only. */
  readonly trustAnchors: readonly Certificate[];
  readonly intermediates?: readonly Certificate[];
  /** The instant for which the certificate is judged. */
  readonly at: EpochMillis;
  /** The instant at which revocation data must be fresh; `at` when absent. */
  readonly dataAt?: EpochMillis;
  readonly policy: ValidationPolicy;
  /**
   * `proved`: a time-stamp says that the signature was there at `at`, so what it is outside of, it is outside of for
   * ever.
   */
  readonly instant?: 'proved';
  /** `switched-off`: nobody asks about revocation, and the report says so. Asked when absent. */
  readonly revocation?: 'switched-off';
  /** OCSP: goes into the requests, and the answers must carry it. */
  readonly nonce?: Uint8Array;
  /**
   * OCSP: hash of CertID in the requests; SHA-1 when absent (RFC 6960 section 4.3). Answers may have any that is
   * known.
   */
  readonly certIdHash?: OcspTerms['certId'];
  /** OCSP responders verified before, under this very policy. */
  readonly responderCache?: ResponderCache;
}

/** A request about whatever can be judged; evidence is kept of those of `ValidationRequest`. */
export type AnyRequest = Omit<ValidationRequest, 'subject'> & {
  readonly subject: ValidationSubject | SignerSubject;
};

/**
 * A request before the certificate is known, on which the policy may depend: the JPKI's two environments tell
 * themselves apart by it.
 */
export type ValidationTrial = Omit<AnyRequest, 'policy'> & {
  readonly policy: ValidationPolicy | ((signer: Certificate) => ValidationPolicy);
};

/** One certificate of the path (never the anchor) whose revocation must be known. */
export interface RevocationNeed {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  readonly method: RevocationMethod;
  /** DER OCSPRequest for `method` OCSP. */
  readonly ocspRequest?: Uint8Array;
  /** DER Names to ask CRLs for: the directoryNames of cRLDistributionPoints, else the issuer's name. Never a URL. */
  readonly distributionPoints: readonly Uint8Array[];
}

/** What was fetched for the need at the same place of the list. Empty lists end as INDETERMINATE, never as good. */
export interface RevocationData {
  /** DER. */
  readonly crls: readonly Uint8Array[];
  /** DER OCSPResponses. */
  readonly ocsp: readonly Uint8Array[];
}

/** After the steps that need no revocation data. `decided`: nothing needs to be fetched, the verdict stands. */
export type ValidationStart =
  | { readonly kind: 'decided'; readonly outcome: ValidationOutcome }
  | {
      readonly kind: 'needs-revocation';
      readonly needs: readonly RevocationNeed[];
      readonly finish: (data: readonly RevocationData[]) => ValidationOutcome;
    };

export interface ValidationOutcome {
  /** Ordered checks; those after the decisive failure are `not-reached`. No certificate content. */
  readonly report: Report;
  /** The word of the field's operators for the report (facts, section 5.1). */
  readonly result: VerificationResult;
  /** Whether another try with fresh revocation data could decide (only revocation stood in the way). */
  readonly retryable: boolean;
  /** Hex SHA-256 of the octets that the signature covers; present once the signature was right. */
  readonly signedOctetsSha256?: string;
  /** XML: the canonical octets that the signature covers; present once the signature was right. */
  readonly signedOctets?: CanonicalOctets;
  /** XML: what the signature does not cover; present once the signature was right. */
  readonly unsigned?: readonly UnsignedPart[];
  /** XML: the finished document; present once the signature was right. */
  readonly document?: Uint8Array;
  /** In a receiver's form: every signer, what is covered and what is not. */
  readonly inForm?: FormValidation;
  /** Canonical SignedInfo of a skeleton. */
  readonly signedInfoOctets?: CanonicalOctets;
  /** The signer's certificate, once parsed. For pf and gov only: it must never reach an sp. */
  readonly certificate?: Certificate;
  /** Leaf first, anchor last; empty when none was found. */
  readonly path: readonly Certificate[];
  readonly kind?: JpkiCertificateKind;
  /** XML: what was found out about the signature itself. */
  readonly xml?: XmlSignatureValidation;
  /** The name of the policy that was applied; absent when no certificate was reached. */
  readonly policy?: string;
  /** Hexadecimal SHA-256 of its file. */
  readonly policySha256?: string;
  /** The policy passes nothing without a time-stamp; who judges with time-stamps asks for it. */
  readonly demandsTimeStamp?: true;
  readonly revocation: readonly RevocationResult[];
}
