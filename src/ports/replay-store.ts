import type { EpochMillis } from '../core/brand.ts';

/** Remembers what works once (jti, assertion, nonce) until it could not be accepted anyway. */
export interface ReplayStore {
  /**
   * True for the first time, false for every later one, over all processes. `use` names the space, for example
   * `logout-jti`. `issuedAt`: when the value may have been made first; one from before a restore of the store may
   * have been used, and is refused. Undefined: the value answers a request of ours, so it was made just now.
   */
  remember(
    use: string,
    value: string,
    until: EpochMillis,
    issuedAt: EpochMillis | undefined,
  ): Promise<boolean>;
  /** Gives a value back whose effect failed: it may work again. */
  forget(use: string, value: string): Promise<void>;
  purge(before: EpochMillis): Promise<number>;
}
