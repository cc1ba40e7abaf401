import type { RevocationSource } from '../../ports/revocation-source.ts';

export interface ComparedClock {
  readonly revocation: RevocationSource;
  /** Milliseconds by which our clock and that of a revocation source may differ. */
  readonly clockTolerance: number;
}

/**
 * Whether our clock and that of the revocation source, by its newest answer, differ too much to judge by (catalogue
 * K14).
 */
export function clockIsOff({ revocation, clockTolerance }: ComparedClock): boolean {
  return Math.abs(revocation.clockOffset?.() ?? 0) > clockTolerance;
}
