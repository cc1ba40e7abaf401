import type { EpochMillis, TenantId, VerificationId } from '../core/brand.ts';
import type { CheckMethod } from '../core/fees/price-list.ts';
import type { Effects } from './effects.ts';

export type CertificateStatus = 'GOOD' | 'REVOKED' | 'EXPIRED' | 'UNKNOWN';

/** One look at a certificate after its verification (現況確認), as it was found then. */
export interface KeptStatusCheck {
  readonly id: string;
  readonly tenant: TenantId;
  readonly verificationId: VerificationId;
  readonly status: CertificateStatus;
  readonly method: CheckMethod;
  /** The tenant asked; or its contract has the operator look by itself (失効通知). */
  readonly purpose: 'STATUS_CHECK' | 'STATUS_NOTICE';
  readonly checkedAt: EpochMillis;
  /** `thisUpdate` of the revocation data that decided. */
  readonly sourceUpdatedAt?: EpochMillis;
  /** Of the signer's own certificate, as the revocation data say it. */
  readonly revokedAt?: EpochMillis;
  /** CRLReason by name (RFC 5280 section 5.3.1). */
  readonly reason?: string;
}

/** What was found of certificates later; goes with its verification. Details are sealed at rest. */
export interface StatusCheckStore {
  /**
   * With what belongs to it, in one transaction; the same id again changes nothing.
   * @param replaces id of one that goes, because this one says the same of a later day
   */
  record(check: KeptStatusCheck, effects: Effects, replaces?: string): Promise<void>;
  /** Newest first. */
  list(verification: VerificationId, tenant: TenantId, limit: number): Promise<readonly KeptStatusCheck[]>;
  /** The newest of each of these that has any, by verification. */
  newest(verifications: readonly VerificationId[]): Promise<ReadonlyMap<VerificationId, KeptStatusCheck>>;
  forget(verification: VerificationId, tenant: TenantId): Promise<void>;
}
