/** One cell of the table. Milliseconds of processor time, octets above idle. */
export interface Row {
  readonly entrance: string;
  readonly shape: string;
  readonly half: number;
  readonly whole: number;
  readonly above: number;
  readonly outcome: string;
}

/** In CI other machines are slower and noisier: there only what is far beyond, or grows as a square does (4), is a failure. */
const inCi = process.env['JITSUIN_LOAD_BOUNDS'] === 'ci';
const MOST_MILLIS = inCi ? 5_000 : 2_000;
const MOST_ABOVE = 256 * 1024 * 1024;
const MOST_GROWTH = inCi ? 3.8 : 3;
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
