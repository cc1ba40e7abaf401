import type { EpochMillis } from '../core/brand.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { AuditEvent } from './audit.ts';

/** What needs two administrators. */
const APPROVAL_KINDS = [
  'key.generate',
  'key.activate',
  'key.expire',
  'key.destroy',
  'seal-key.rotate',
  'tenant.put',
  'tenant.remove',
] as const;
export type ApprovalKind = (typeof APPROVAL_KINDS)[number];

/**
 * `approved`: being carried out since `decidedAt`, or cut off while it was; it ends as `done`, `failed` or
 * `withdrawn`.
 */
export type ApprovalState = 'pending' | 'approved' | 'done' | 'failed' | 'declined' | 'withdrawn';

/** A change that one administrator asks for and another one allows. */
export interface Approval {
  /** UUIDv7. */
  readonly id: string;
  readonly kind: ApprovalKind;
  /** What is changed: a kid, a tenant's id, a service. */
  readonly subject: string;
  /** Arguments of the change as flat JSON; public values only. */
  readonly payload: string;
  readonly state: ApprovalState;
  readonly requestedBy: string;
  readonly requestedAt: EpochMillis;
  /** After this instant nobody can approve it. */
  readonly expiresAt: EpochMillis;
  readonly decidedBy?: string;
  /** Of the decision; of an approved change, when it was last taken up. */
  readonly decidedAt?: EpochMillis;
  /** Why it failed. */
  readonly code?: ErrorCode;
}

export interface ApprovalStore {
  insert(approval: Approval, audit: AuditEvent): Promise<void>;
  get(id: string): Promise<Approval | undefined>;
  /** Newest first. */
  list(query: {
    readonly states?: readonly ApprovalState[];
    readonly limit: number;
  }): Promise<readonly Approval[]>;
  /**
   * Compare-and-set of the state. `approved` is never written by who asked for it: the statement itself refuses that.
   * False when the state was another, or for that reason; or, with `takenUp`, when somebody took it up at another
   * instant.
   */
  update(next: Approval, from: ApprovalState, audit: AuditEvent, takenUp?: EpochMillis): Promise<boolean>;
}
