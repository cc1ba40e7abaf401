import type { EpochMillis } from '../core/brand.ts';
import type { AuditChainState, AuditEvent } from './audit.ts';

/** One link of the hash chain over all evidence of a store. */
export interface EvidenceLink {
  readonly seq: number;
  /** Hex SHA-256 of the record's octets. */
  readonly sha256: string;
  /** Hex hash of this link, which holds the one before. */
  readonly hash: string;
  readonly at: EpochMillis;
}

/** A run of links under one Merkle root, with the time-stamp tokens over it, oldest first. */
export interface StampedPeriod {
  readonly period: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly root: string;
  readonly head: string;
  /** DER TimeStampTokens. */
  readonly tokens: readonly Uint8Array[];
  /** End of the newest token's TSA certificate. */
  readonly validUntil: EpochMillis;
}

/** Links outlive their evidence: what is deleted leaves its hash, so the chain and the trees stay verifiable. */
export interface EvidenceArchive {
  /** Links that no period covers yet, oldest first. */
  uncovered(limit: number): Promise<readonly EvidenceLink[]>;
  lastPeriod(): Promise<number>;
  /** False when somebody else closed the period first. */
  close(period: StampedPeriod, audit: readonly AuditEvent[]): Promise<boolean>;
  /** Periods whose newest token ends before this instant. */
  ageing(before: EpochMillis, limit: number): Promise<readonly StampedPeriod[]>;
  /** Adds a token to a period that has `count` of them; false when somebody else did. */
  renew(
    period: number,
    count: number,
    token: Uint8Array,
    validUntil: EpochMillis,
    audit: readonly AuditEvent[],
  ): Promise<boolean>;
  /** The period of a record with the hashes of all its records; undefined while none covers it. */
  covering(
    id: string,
  ): Promise<
    { readonly period: StampedPeriod; readonly leaves: readonly string[]; readonly index: number } | undefined
  >;
  /** Walks the chain from its first link. */
  verify(): Promise<AuditChainState>;
}
