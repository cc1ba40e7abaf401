import type { EpochMillis } from '../../../core/brand.ts';

/** What every UUIDv7 made at or after this instant is not less than: ids sort by the time of their making. */
export function firstIdOf(instant: EpochMillis): string {
  const time = Math.max(0, Math.trunc(instant)).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}`;
}
