import type {
  ApplicationId,
  CompactJwe,
  EpochMillis,
  SignatureProfileName,
  SigningInput,
  SigningMode,
  SignTransactionId,
  TenantId,
} from '../brand.ts';
import { type ErrorCode, JitsuinError } from '../errors.ts';
import type { Indication, SubIndication } from '../report.ts';

/**
 * States of an application at the relying party (sp and gov).
 * received → opened → authorizing → authorized → fetched → submitted (sp) → decided; every other way ends in
 * refused, failed, restart-needed, expired or cancelled.
 */
export type ApplicationState =
  | 'received' // document stored, SignedInfo and `data` made [03]
  | 'opened' // sign transaction opened at the service [07]; waits for the citizen
  | 'authorizing' // state, nonce, verifier stored; citizen sent to the service [08]
  | 'exchanging' // callback accepted; the code is being exchanged (once) [13]
  | 'authorized' // tokens verified and sealed [15]; result retrieval queued
  | 'fetched' // result sealed as received [17]; hand-off or own verification queued
  | 'submitted' // sp: the platform operator has it
  | 'decided' // verdict is there
  | 'refused' // the citizen declined, or the card procedure failed for good
  | 'failed' // an operator must act, or the service said no for good
  | 'restart-needed' // the citizen must sign again
  | 'expired'
  | 'cancelled';

export const FINAL_APPLICATION_STATES: readonly ApplicationState[] = [
  'decided',
  'refused',
  'failed',
  'restart-needed',
  'expired',
  'cancelled',
];

/** The verdict as every role may show it: no certificate, no serial, nothing derived from them. */
export interface Verdict {
  readonly indication: Indication;
  readonly subIndication?: SubIndication;
  /** Hex SHA-256 of the exact octets that the signature covers. */
  readonly signedOctetsSha256: string;
  readonly decidedAt: EpochMillis;
  /** pf: the VerificationId; gov: the evidence id. */
  readonly reference: string;
}

/** Protected or personal values; sealed at rest, purged by clock. */
export interface ApplicationSecrets {
  /** The application as received, byte for byte; absent where a record is read without it. */
  readonly document?: Uint8Array;
  /** State of the prepared signature, kept beside the document (core/xmldsig `KeptBeside`), UTF-8 JSON. */
  readonly prepared: string;
  /** Value of the `__Host-` cookie's session, hashed (hex SHA-256): the browser that may bring the callback. */
  readonly browserHash?: string;
  /** What the one-time sign URL carries; gone once a browser has taken the application with it. */
  readonly signLink?: string;
  /** Hex SHA-256 of the cookie of the login under which the citizen signs; absent: nobody was logged in. */
  readonly loginHash?: string;
  readonly state?: string;
  readonly nonce?: string;
  readonly codeVerifier?: string;
  readonly accessToken?: string;
  readonly refreshToken?: string;
  readonly idToken?: string;
  readonly subject?: string;
  /** sp: the result as received, unopened. */
  readonly resultJwe?: CompactJwe;
  /** gov: DER certificate and signature octets. */
  readonly clearCertificate?: Uint8Array;
  readonly clearSignatureValue?: Uint8Array;
  /** sp: the signed receipt (compact JWS). */
  readonly receipt?: string;
}

/** Why an application ended without a verdict: our stable code and, where the service said no, the guideline's row. */
export interface Failure {
  readonly code: ErrorCode;
  readonly row?: string;
  /** For operators: what the service said in words that no row prints; cut, without what could be a token. */
  readonly said?: string;
}

export interface Application {
  readonly id: ApplicationId;
  readonly tenant: TenantId;
  /** 1 at insert, +1 with every update (compare-and-set). */
  readonly revision: number;
  readonly state: ApplicationState;
  readonly profile: SignatureProfileName;
  readonly mode: SigningMode;
  /** 署名対象データ名 */
  readonly displayName: string;
  /** 署名対象識別コード, shown on both screens. */
  readonly identificationCode: string;
  readonly externalId?: string;
  /** Where the citizen's browser goes at the end; one of the tenant's own registered paths. */
  readonly returnTo?: string;
  /** UUID of the request that brought it: one id through jobs, logs and the hand-off. */
  readonly correlationId?: string;
  readonly data: SigningInput;
  readonly signTransactionId?: SignTransactionId;
  /** Hex SHA-256 of the `state` parameter now in use; unique. */
  readonly stateHash?: string;
  /** Keyed hash of `sub` (never the `sub` itself), from [15] on: back-channel logout finds the running flows by it. */
  readonly subjectHash?: string;
  /** sp: the platform operator's id. */
  readonly verificationId?: string;
  readonly verdict?: Verdict;
  /** Why it ended without a verdict; in `received`: why the last attempt to open the sign transaction failed. */
  readonly failure?: Failure;
  /** In `received`: when the start call left whose answer has not come yet. */
  readonly startAttemptedAt?: EpochMillis;
  readonly createdAt: EpochMillis;
  readonly updatedAt: EpochMillis;
  /** When this state must have been left. */
  readonly deadline: EpochMillis;
  /** When the secrets go. */
  readonly purgeAt: EpochMillis;
  /** There once the purge has taken the secrets. */
  readonly purged?: true;
  /** Undefined after the purge, and where a record is read without them. */
  readonly secrets?: ApplicationSecrets;
}

/** Secrets of a record that was read with its document. @throws JitsuinError `internal.unexpected` for one without */
export function withDocument(
  secrets: ApplicationSecrets,
): ApplicationSecrets & { readonly document: Uint8Array } {
  const { document } = secrets;
  if (document !== undefined) return { ...secrets, document };
  throw new JitsuinError('internal.unexpected', 'This application was read without its document.');
}
