import type { EpochMillis } from '../core/brand.ts';
import type { Step } from '../core/step.ts';

/** One append-only, hash-chained record. Written in the same transaction as the change it tells of. */
export interface AuditEvent {
  /** For example `application.received`, `verification.decided`. */
  readonly event: string;
  readonly subject: string;
  readonly tenant: string;
  readonly at: EpochMillis;
  /** Stable error code where the event is a refusal or failure. */
  readonly code?: string;
  /** Allow-listed, unprotected facts only: states, modes, hashes of unprotected octets. Flat strings and numbers. */
  readonly facts?: Readonly<Record<string, string | number>>;
}

/** What the walk over one hash chain found. */
export interface ChainState {
  readonly records: number;
  /** Hex SHA-256 of the newest record. */
  readonly head: string;
  /** Sequence number of the first broken record, when the chain is broken. */
  readonly brokenAt?: number;
}

/** What the walk over all audit chains and their seals found. */
export interface AuditState extends ChainState {
  /** Hex hash of the newest seal; before the first one, of the newest record of the first log. */
  readonly head: string;
  /** Chain of the broken record; absent when a seal or the head is broken. */
  readonly brokenChain?: number;
  /** Number of the broken seal. */
  readonly brokenSeal?: number;
  readonly chains: number;
  readonly seals: number;
  /** Records that no seal covers yet. */
  readonly unsealed: number;
  /** Chains that their process did not close: it still runs, or it ended without closing it. */
  readonly unclosed: readonly UnclosedChain[];
}

export interface UnclosedChain {
  readonly chain: number;
  readonly openedAt: EpochMillis;
  readonly records: number;
  /** When its process was last seen. */
  readonly seenAt: EpochMillis;
  /** Another process ended it, because its own was not seen any more. */
  readonly ended: boolean;
}

export interface AuditLog {
  append(event: AuditEvent): Promise<void>;
  /**
   * @param noted a head (hex) that was noted elsewhere: it must be a seal or a record of the log
   * @param step told of the records that were walked
   */
  verify(noted?: string, step?: Step): Promise<AuditState>;
}

/** The ends of all chains under one root. */
export interface AuditSealing {
  /**
   * Seals the ends of all chains, unless somebody did within the last minute or nothing came since. Says that this
   * process runs.
   * @throws JitsuinError `audit.broken`: what was sealed before is not there any more
   */
  seal(): Promise<boolean>;
}

/** Where a record stands: the chain, and its number in it. */
export interface AuditPosition {
  readonly at: EpochMillis;
  readonly chain: number;
  readonly seq: number;
}

/** A record as it stands in its chain. */
export interface AuditRecord extends AuditEvent, AuditPosition {
  readonly hash: string;
}

export interface AuditQuery {
  /** Exclusive: records older than this one. */
  readonly before?: AuditPosition;
  readonly event?: string;
  readonly subject?: string;
  readonly limit: number;
}

/** The chains read back, newest first. */
export interface AuditTrail {
  page(query: AuditQuery): Promise<readonly AuditRecord[]>;
}
