import type { EpochMillis } from '../core/brand.ts';

/** How far the lists of one place and key have come. */
export interface CrlMark {
  /** cRLNumber in lower-case hexadecimal. */
  readonly number: string;
  readonly thisUpdate: EpochMillis;
}

/** What outlives a process of the lists that were taken up: that they only go forward. */
export interface CrlMarks {
  /** @param key of a distribution point, the key that signs its lists, and their kind */
  get(key: string): Promise<CrlMark | undefined>;
  /** Keeps the mark unless one is there already that is as far or farther in either respect. */
  raise(key: string, mark: CrlMark): Promise<void>;
}
