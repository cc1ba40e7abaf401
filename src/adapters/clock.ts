import type { EpochMillis } from '../core/brand.ts';
import type { Clock } from '../ports/clock.ts';

/** The operating system's time of day. */
export const systemClock: Clock = {
  now: () => Date.now() as EpochMillis,
};
