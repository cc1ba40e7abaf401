import type { EpochMillis, TenantId } from '../core/brand.ts';

/** A record to be kept; `seal`: the operator's signature on its hash (compact JWS). */
export interface NewEvidence {
  readonly id: string;
  readonly tenant: string;
  readonly octets: Uint8Array;
  /** Hex SHA-256 of `octets`; absent: it is made. */
  readonly sha256?: string;
  /** `octets` without the parts that records share, and these by hex SHA-256; absent: they are found in `octets`. */
  readonly kept?: { readonly octets: Uint8Array; readonly files: ReadonlyMap<string, Uint8Array> };
  readonly seal?: string;
}

/**
 * Evidence records by id, sealed at rest, written once. Content is the canonical JSON octets of
 * `verifier/evidence`.
 */
export interface EvidenceStore {
  /** Writing the same octets under the same id again is no error; other octets are refused (`store.conflict`). */
  put(id: string, tenant: string, octets: Uint8Array, seal?: string): Promise<void>;
  /** The operator's signature on the record's hash (compact JWS), where the record was kept with one. */
  sealOf(id: string): Promise<string | undefined>;
  /** With its audit record; its link in the hash chain stays. Nothing there is no error. */
  delete(id: string, tenant: TenantId, now: EpochMillis): Promise<void>;
  get(id: string, tenant?: string): Promise<Uint8Array | undefined>;
  /**
   * Deletes shared files (CRLs) that no record and no time-stamp refers to any more, at most so many. Gives how
   * many.
   */
  collectFiles(limit: number): Promise<number>;
}
