import type { EpochMillis } from '../core/brand.ts';

/**
 * A short-lived value shared by all processes with single flight, for example the client-credentials access token
 * (sealed).
 */
export interface LeaseStore {
  read(name: string): Promise<{ readonly value: Uint8Array; readonly expiresAt: EpochMillis } | undefined>;
  /** True when this caller may refresh the value until `until`; false while somebody else does. */
  acquire(name: string, owner: string, now: EpochMillis, until: EpochMillis): Promise<boolean>;
  write(name: string, owner: string, value: Uint8Array, expiresAt: EpochMillis): Promise<void>;
  /**
   * The next of the turns of `name`, over all processes: the instant at which the caller may go; the one after it is
   * `interval` milliseconds later. Both to the microsecond: an instant may have a fraction. Undefined, and no turn
   * taken, when that would be further away than `longestWait` milliseconds.
   */
  takePermit(
    name: string,
    now: EpochMillis,
    interval: number,
    longestWait: number,
  ): Promise<number | undefined>;
  release(name: string, owner: string): Promise<void>;
  /** Forgets leases without a value that nobody has held since before this instant, so many at most. Gives how many. */
  purge(before: EpochMillis, limit: number): Promise<number>;
}
