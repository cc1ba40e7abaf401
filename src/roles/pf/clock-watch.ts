import type { PlatformOperator } from './platform-operator.ts';

/** Whether our clock and that of the revocation source, by its newest answer, differ too much to judge by (catalogue K14). */
export function clockIsOff({
  revocation,
  clockTolerance,
}: Pick<PlatformOperator, 'revocation' | 'clockTolerance'>): boolean {
  return Math.abs(revocation.clockOffset?.() ?? 0) > clockTolerance;
}
