import type {
  ApplicationId,
  EpochMillis,
  SignatureProfileName,
  SigningInput,
  SigningMode,
} from '../core/brand.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { AttachedFile } from '../core/forms/attached-files.ts';
import type { Verdict } from '../core/sign-transaction/application.ts';

/** What gov's own verification gets to judge. */
export interface InsideVerification {
  readonly application: ApplicationId;
  readonly tenant: string;
  readonly profile: SignatureProfileName;
  readonly mode: SigningMode;
  readonly data: SigningInput;
  /** State of the prepared signature, beside `document` (core/xmldsig `KeptBeside`). */
  readonly prepared: string;
  /** The application as received. */
  readonly document: Uint8Array;
  /** Beside the document, in a receiver's form. */
  readonly files: readonly AttachedFile[];
  /** DER */
  readonly certificate: Uint8Array;
  readonly signatureValue: Uint8Array;
  readonly at: EpochMillis;
  /**
   * `may-wait`: where only revocation data is missing, nothing is kept yet. `last-word`: the verdict is kept
   * whatever it is.
   */
  readonly patience: 'may-wait' | 'last-word';
}

export type InsideOutcome =
  | { readonly kind: 'decided'; readonly verdict: Verdict }
  /**
   * No verdict yet: only revocation data stood in the way, and there is still time; or, with a `code`, something of
   * our own does, and an operator must act.
   */
  | { readonly kind: 'undecided'; readonly code?: ErrorCode };

/**
 * Injected by the role gov, so that this room never knows the verifier: judges, keeps evidence and signed document, and
 * gives the verdict. INDETERMINATE is a verdict too.
 */
export type VerifyInside = (input: InsideVerification) => Promise<InsideOutcome>;
