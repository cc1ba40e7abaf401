import type {
  CompactJwe,
  EpochMillis,
  SignatureProfileName,
  SigningInput,
  SigningMode,
  TenantId,
  VerificationId,
} from '../brand.ts';
import type { ErrorCode } from '../errors.ts';
import type { KeptReport } from '../report.ts';
import type { SignedElementSelector } from '../xmldsig/prepared-signature.ts';

/** States of a verification at the platform operator. */
export type VerificationState =
  | 'received' // accepted and queued
  | 'decided' // TOTAL-PASSED or TOTAL-FAILED, evidence kept, or INDETERMINATE after the deadline
  | 'refused' // the bundle could not be opened or is not bound to this submission
  | 'expired';

export const FINAL_VERIFICATION_STATES: readonly VerificationState[] = ['decided', 'refused', 'expired'];

/** Result words of the field's operators (facts, section 5.1). */
export type VerificationResult =
  | 'OK'
  | 'SIGNATURE_MISMATCH'
  | 'CERTIFICATE_REVOKED'
  | 'CERTIFICATE_EXPIRED'
  | 'CERTIFICATE_INVALID'
  | 'INDETERMINATE';

/** What the sp sent; sealed at rest, purged by clock. */
interface VerificationSecrets {
  /** The XML with an empty SignatureValue and X509Certificate, or the file's octets for `detached`. */
  readonly skeleton: Uint8Array;
  readonly jwe: CompactJwe;
}

export interface Verification {
  readonly id: VerificationId;
  readonly tenant: TenantId;
  readonly revision: number;
  readonly state: VerificationState;
  /** The sp's own id of this submission: the same one again gives the same answer. */
  readonly submissionKey: string;
  /** Hex SHA-256 of the whole submission, to tell a repetition from a conflict. */
  readonly submissionHash: string;
  /** Hex SHA-256 of the JWE text: a bundle seen before under another submission is a replay. */
  readonly bundleHash: string;
  readonly service: string;
  readonly environment: 'test' | 'production';
  readonly profile: SignatureProfileName;
  readonly mode: SigningMode;
  /** UUID of the request that brought it, the same as the sp's own. */
  readonly correlationId?: string;
  readonly data: SigningInput;
  readonly checkMethod: 'CRL' | 'OCSP';
  /** Which element was agreed to be signed; absent: the default of the profile. */
  readonly signedElement?: SignedElementSelector;
  readonly result?: VerificationResult;
  /** Without certificate content. */
  readonly report?: KeptReport;
  readonly signedOctetsSha256?: string;
  readonly failure?: { readonly code: ErrorCode };
  /** Compact JWS of the receipt, once decided. */
  readonly receipt?: string;
  readonly createdAt: EpochMillis;
  readonly updatedAt: EpochMillis;
  readonly decidedAt?: EpochMillis;
  /** Random id of the citizen for this tenant alone, where its contract has one. */
  readonly subjectId?: string;
  /** When the content of the certificate was handed out: that happens once. */
  readonly contentTakenAt?: EpochMillis;
  /** The tenant's wish or the retention clock: verdict, receipt and evidence are gone, the id is remembered. */
  readonly deletedAt?: EpochMillis;
  readonly deadline: EpochMillis;
  readonly purgeAt: EpochMillis;
  readonly secrets?: VerificationSecrets;
}
