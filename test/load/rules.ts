/** One cell of the table. Milliseconds of processor time, octets above idle. */
export interface Row {
  readonly entrance: string;
  readonly shape: string;
  readonly half: number;
  readonly whole: number;
  readonly above: number;
  readonly outcome: string;
}

const MOST_MILLIS = 2_000;
const MOST_ABOVE = 256 * 1024 * 1024;
const MOST_GROWTH = 3;
/** Below this a clock and a compiler decide, not the shape. */
const NOISE_MILLIS = 150;

/** What a cell breaks; empty when it is within its bounds. */
export function faultsOf({ half, whole, above, outcome }: Row): readonly string[] {
  const faults: string[] = [];
  if (whole > MOST_MILLIS) faults.push('time');
  if (above > MOST_ABOVE) faults.push('memory');
  if (whole > NOISE_MILLIS && whole > MOST_GROWTH * Math.max(half, NOISE_MILLIS / MOST_GROWTH))
    faults.push('growth');
  if (outcome.startsWith('FAULT')) faults.push('fault');
  return faults;
}
