import type { EpochMillis } from '../core/brand.ts';

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

export interface AuditChainState {
  readonly records: number;
  /** Hex SHA-256 of the newest record. */
  readonly head: string;
  /** Sequence number of the first broken record, when the chain is broken. */
  readonly brokenAt?: number;
}

export interface AuditLog {
  append(event: AuditEvent): Promise<void>;
  /** @param noted a head (hex) that was noted elsewhere: it must be a record of the chain */
  verify(noted?: string): Promise<AuditChainState>;
}

/** A record as it stands in the chain. */
export interface AuditRecord extends AuditEvent {
  readonly seq: number;
  readonly hash: string;
}

export interface AuditQuery {
  /** Exclusive: records older than this one. */
  readonly before?: number;
  readonly event?: string;
  readonly subject?: string;
  readonly limit: number;
}

/** The chain read back, newest first. */
export interface AuditTrail {
  page(query: AuditQuery): Promise<readonly AuditRecord[]>;
}
