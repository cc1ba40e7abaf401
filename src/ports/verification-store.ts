import type { EpochMillis, TenantId, VerificationId } from '../core/brand.ts';
import type { AttachedFile } from '../core/forms/attached-files.ts';
import type {
  Verification,
  VerificationResult,
  VerificationState,
} from '../core/sign-transaction/verification.ts';
import type { Effects } from './effects.ts';

export interface VerificationQuery {
  readonly tenant?: TenantId;
  readonly states?: readonly VerificationState[];
  readonly results?: readonly VerificationResult[];
  /** The sp's own id of the submission. */
  readonly submissionKey?: string;
  /** The tenant's id of the citizen; with `tenant`. */
  readonly subjectId?: string;
  /** Received at or after this instant. */
  readonly from?: EpochMillis;
  /** Received before this instant. */
  readonly until?: EpochMillis;
  readonly after?: VerificationId;
  /** Only those whose bundle is still kept. */
  readonly withBundle?: boolean;
  readonly limit: number;
}

/** Verifications of the platform operator. Fields under `secrets` are sealed at rest. */
export interface VerificationStore {
  /** False when this tenant already submitted under `verification.submissionKey`; the stored one stays. */
  insert(verification: Verification, effects: Effects, files?: readonly AttachedFile[]): Promise<boolean>;
  /** The files beside the skeleton in their order; none once they were purged. @throws JitsuinError `seal.integrity` */
  files(id: VerificationId, tenant: TenantId): Promise<readonly AttachedFile[]>;
  get(id: VerificationId, tenant?: TenantId): Promise<Verification | undefined>;
  /** Without its secrets, which are neither read nor opened, as the two that follow. */
  glance(id: VerificationId, tenant?: TenantId): Promise<Verification | undefined>;
  findBySubmissionKey(tenant: TenantId, submissionKey: string): Promise<Verification | undefined>;
  /**
   * Who has the bundle with this SHA-256 (hex), over all tenants: it is being judged, or got a verdict. What ended
   * without one (refused, expired, INDETERMINATE) has it no more.
   */
  findByBundleHash(bundleHash: string): Promise<Verification | undefined>;
  list(query: VerificationQuery): Promise<readonly Verification[]>;
  /** Compare-and-set as in ApplicationStore.update. */
  update(next: Verification, effects: Effects): Promise<boolean>;
  /** Ended, not deleted and unchanged since before this instant, oldest first: for the retention clock. */
  outlived(before: EpochMillis, limit: number): Promise<readonly Verification[]>;
  due(now: EpochMillis, limit: number): Promise<readonly Verification[]>;
  stuck(
    states: readonly VerificationState[],
    before: EpochMillis,
    limit: number,
  ): Promise<readonly Verification[]>;
  /** In this state with a deadline up to `deadline`, the earliest first, without secrets; for people who look at it. */
  standing(state: VerificationState, deadline: EpochMillis, limit: number): Promise<readonly Verification[]>;
}
