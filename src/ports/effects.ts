import type { AuditEvent } from './audit.ts';
import type { Consent } from './consent-store.ts';
import type { NewEvidence } from './evidence-store.ts';
import type { FeeEntry } from './fee-ledger.ts';
import type { JobRequest } from './job-queue.ts';
import type { WebhookNotice } from './webhook-store.ts';

/**
 * What must happen in the same transaction as a state change: jobs by the outbox, audit by the chain, fees by the
 * ledger.
 */
export interface Effects {
  /**
   * The change leads this record out of a state. The job that makes it, if it is about this record, has nothing left
   * to do: it ends in the same transaction.
   */
  readonly endsJobOf?: string;
  readonly jobs?: readonly JobRequest[];
  readonly audit: readonly AuditEvent[];
  /** What tenants are told of by webhook; each becomes a delivery with its job. */
  readonly notices?: readonly WebhookNotice[];
  /** Once per `key`, however often it comes. */
  readonly fees?: readonly FeeEntry[];
  /** What a verdict stands on. There is none under its id yet, or nothing at all is written: `store.conflict`. */
  readonly evidence?: readonly NewEvidence[];
  /** Under which attributes are handed out. */
  readonly consents?: readonly Consent[];
}
