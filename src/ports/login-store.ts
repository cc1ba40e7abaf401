import type { EpochMillis } from '../core/brand.ts';
import type { Failure } from '../core/sign-transaction/events.ts';

/**
 * How an attempt to log in stands. A `code` works once: who claims the attempt first exchanges it, all others read
 * this.
 */
export type LoginOutcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'claimed' }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** One authorization request for a login, from redirect to callback. */
export interface LoginAttempt {
  /** Hex SHA-256 of the `state` parameter. */
  readonly stateHash: string;
  /** Hex SHA-256 of the `__Host-` cookie of the browser that may bring the callback. Sealed at rest. */
  readonly browserHash: string;
  /** Sealed at rest. */
  readonly state: string;
  /** Sealed at rest. */
  readonly nonce: string;
  /** Sealed at rest. */
  readonly codeVerifier: string;
  /** One of our own pages. */
  readonly returnTo: string;
  readonly outcome: LoginOutcome;
  readonly createdAt: EpochMillis;
  /** Until then the callback is accepted. */
  readonly expiresAt: EpochMillis;
}

export interface LoginStore {
  insert(attempt: LoginAttempt): Promise<void>;
  find(stateHash: string): Promise<LoginAttempt | undefined>;
  /** `sent` → `claimed`. True for exactly one caller, over all processes. */
  claim(stateHash: string): Promise<boolean>;
  /** `claimed` → its end. */
  finish(stateHash: string, outcome: LoginOutcome): Promise<void>;
  /** Removes attempts that expired before this instant. Returns how many. */
  purge(before: EpochMillis): Promise<number>;
}
