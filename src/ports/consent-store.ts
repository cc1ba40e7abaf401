import type { EpochMillis } from '../core/brand.ts';

export type ConsentItem = 'name' | 'sex' | 'date_of_birth' | 'address';

/**
 * That a citizen agreed to have attributes handed out: who, when, to what. Written with the hand-out, in one
 * transaction.
 */
export interface Consent {
  /** Of the verification whose certificate they are from; one consent for each. */
  readonly verificationId: string;
  readonly tenant: string;
  /** The tenant's random id of the citizen (never derived from a certificate). */
  readonly subjectId: string;
  readonly items: readonly ConsentItem[];
  /** What for, in the tenant's words to the citizen. */
  readonly purpose: string;
  /** Hex SHA-256 of the text that the citizen agreed to. */
  readonly wordingSha256: string;
  /** By the tenant's word. */
  readonly agreedAt: EpochMillis;
  readonly handedOutAt: EpochMillis;
  /** Its own retention clock; it outlives the verification and its evidence. */
  readonly keepUntil: EpochMillis;
}

export interface ConsentStore {
  get(verificationId: string, tenant: string): Promise<Consent | undefined>;
  /** Oldest first; all of a tenant's, or those of one of its citizens. */
  list(tenant: string, subjectId?: string): Promise<readonly Consent[]>;
  /** Deletes those whose clock has run out, at most so many. Gives how many. */
  purge(now: EpochMillis, limit: number): Promise<number>;
}
