import type { EpochMillis } from '../core/brand.ts';

export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** UTF-8 octets, sealed at rest. */
  readonly body: Uint8Array;
}

export type IdempotencyClaim =
  /** `requestId`: what the request makes shall have this id. After a crash the one who takes over gets the same one. */
  | { readonly kind: 'first'; readonly requestId: string }
  | { readonly kind: 'running' }
  | { readonly kind: 'answered'; readonly answer: StoredAnswer }
  | { readonly kind: 'mismatch' }
  /** The store was put back from a backup, and the key may have been used before. New keys begin with `keyPrefix`. */
  | { readonly kind: 'restored'; readonly keyPrefix?: string };

/** `Idempotency-Key` per tenant and route, kept 24 hours. */
export interface IdempotencyStore {
  /** `requestId`: a fresh one, kept when this is the first request under the key. */
  claim(
    tenant: string,
    key: string,
    requestHash: string,
    now: EpochMillis,
    requestId: string,
  ): Promise<IdempotencyClaim>;
  /** The first answer stays. */
  answer(tenant: string, key: string, answer: StoredAnswer): Promise<void>;
  /** Gives the key back after a failure without effect, unless another request has taken over since `claimedAt`. */
  release(tenant: string, key: string, claimedAt: EpochMillis): Promise<void>;
  /**
   * After a failure that may have had its effect already: whoever sends the same request under the key next takes
   * over at once, and gets the same `requestId`. Nothing when another request has taken over since `claimedAt`.
   */
  abandon(tenant: string, key: string, claimedAt: EpochMillis): Promise<void>;
  purge(before: EpochMillis): Promise<number>;
}
