import type { EpochMillis } from '../core/brand.ts';
import type { AgeingAlgorithm } from '../core/digest/algorithm-ends.ts';
import type { Step } from '../core/step.ts';
import type { AuditEvent, ChainState } from './audit.ts';

/** One link of the hash chain over all evidence of a store. */
export interface EvidenceLink {
  readonly seq: number;
  /** Hex SHA-256 of the record's octets. */
  readonly sha256: string;
  /** Hex hash of this link, which holds the one before. */
  readonly hash: string;
  readonly at: EpochMillis;
}

/** A kept record and its link. */
export interface KeptRecord {
  readonly seq: number;
  readonly id: string;
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
  /**
   * What the newest token stands on: hashes and kinds of keys. Empty for one that was kept before this was written
   * down.
   */
  readonly algorithms: readonly AgeingAlgorithm[];
  /** What was known of the certificates behind the tokens, in the order in which it came. */
  readonly revocation: readonly TokenRevocation[];
  /** Trees with other hashes that took the first one's place, oldest first. */
  readonly trees: readonly RenewedTree[];
}

/** Revocation data (DER) about the certificate behind token number `token`, as fetched at `at`. */
export interface TokenRevocation {
  readonly token: number;
  readonly at: EpochMillis;
  readonly crls: readonly Uint8Array[];
  readonly ocsp: readonly Uint8Array[];
}

export interface RenewedTree {
  readonly hash: 'sha384' | 'sha512';
  /** Hex. */
  readonly root: string;
  /** Number of the first token over this tree, from 1. */
  readonly firstToken: number;
}

/** The records of a period in the order of the chain, with their leaves in each of its trees (hex). */
export interface PeriodRecords {
  /** Undefined for a record that another one took the place of (judged again). */
  readonly ids: readonly (string | undefined)[];
  readonly leaves: {
    readonly records: readonly string[];
    readonly renewed: readonly (readonly string[])[];
  };
}

export interface PeriodRenewal {
  readonly token: Uint8Array;
  readonly validUntil: EpochMillis;
  readonly algorithms: readonly AgeingAlgorithm[];
  readonly revocation: readonly TokenRevocation[];
  /** A new tree, which the token is the first one over, and its leaves (hex) in the order of the records. */
  readonly tree?: RenewedTree;
  readonly leaves?: readonly string[];
}

/** Links outlive their evidence: what is deleted leaves its hash, so the chain and the trees stay verifiable. */
export interface EvidenceArchive {
  /** Links that no period covers yet, oldest first. */
  uncovered(limit: number): Promise<readonly EvidenceLink[]>;
  lastPeriod(): Promise<number>;
  /** False when somebody else closed the period first. */
  close(period: StampedPeriod, audit: readonly AuditEvent[]): Promise<boolean>;
  /**
   * Periods whose newest token ends before this instant, or stands on one of these algorithms or on what is not
   * known.
   */
  ageing(
    before: EpochMillis,
    ended: readonly AgeingAlgorithm[],
    limit: number,
  ): Promise<readonly StampedPeriod[]>;
  /** Periods whose newest tree has one of these hashes. */
  hashedWith(hashes: readonly string[], limit: number): Promise<readonly StampedPeriod[]>;
  records(period: number): Promise<PeriodRecords>;
  /** Adds a token to a period that has `count` of them; false when somebody else did. */
  renew(period: number, count: number, added: PeriodRenewal, audit: readonly AuditEvent[]): Promise<boolean>;
  /** The period of a record and the record's place in it; undefined while none covers it. */
  covering(
    id: string,
  ): Promise<
    | { readonly period: StampedPeriod; readonly leaves: PeriodRecords['leaves']; readonly index: number }
    | undefined
  >;
  /** Kept records in the order of the chain, after this link; deleted ones left out. */
  kept(after: number, limit: number): Promise<readonly KeptRecord[]>;
  /** Ids of kept records that the chain does not know, in their order: nobody but a stranger writes such. */
  unlinked(after: string, limit: number): Promise<readonly string[]>;
  countKept(): Promise<number>;
  /** The period that covers a link, and its leaves; undefined while none does. */
  periodAt(
    seq: number,
  ): Promise<{ readonly period: StampedPeriod; readonly leaves: PeriodRecords['leaves'] } | undefined>;
  /** Walks the chain from its first link. */
  verify(step?: Step): Promise<ChainState>;
}
