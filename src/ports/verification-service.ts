import type {
  VerificationReceipt,
  VerificationStatus,
  VerificationSubmission,
} from '../contracts/verification.ts';

/** What goes with a request beside its content. */
export interface VerificationContext {
  /** UUID, sent as `X-Request-Id`: the operator's logs have the same id as ours. */
  readonly correlationId?: string;
}

/**
 * The platform operator as an sp sees it. What comes back never holds a certificate, a serial or anything derived
 * from them.
 */
export interface VerificationService {
  submit(submission: VerificationSubmission, context?: VerificationContext): Promise<VerificationStatus>;
  status(verificationId: string, context?: VerificationContext): Promise<VerificationStatus>;
  /** What the operator has under our own id of a submission. */
  find(submissionId: string, context?: VerificationContext): Promise<VerificationStatus | undefined>;
  receipt(verificationId: string, context?: VerificationContext): Promise<VerificationReceipt | undefined>;
}
