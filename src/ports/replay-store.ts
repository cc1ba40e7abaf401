import type { EpochMillis } from '../core/brand.ts';

/** Remembers what works once (jti, assertion, nonce) until it could not be accepted anyway. */
export interface ReplayStore {
  /** True for the first time, false for every later one, over all processes. `use` names the space, for example `logout-jti`. */
  remember(use: string, value: string, until: EpochMillis): Promise<boolean>;
  /** Gives a value back whose effect failed: it may work again. */
  forget(use: string, value: string): Promise<void>;
  purge(before: EpochMillis): Promise<number>;
}
