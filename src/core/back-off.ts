/**
 * How long to wait after so many failures: `first` after one, doubled with each further one, at most `longest`.
 * All in milliseconds; `failures` counts from 1, and `first` is more than 0.
 */
export function backOffMillis(failures: number, first: number, longest: number): number {
  return Math.min(longest, first * 2 ** Math.max(0, failures - 1));
}
