import type { EpochMillis } from '../core/brand.ts';

/** The only source of the time of day for everything above the pure rooms. */
export interface Clock {
  now(): EpochMillis;
}
