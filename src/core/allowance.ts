/** So many in any one span of time; for records that a stranger can cause. */
interface Allowance {
  /** Whether one more may be at this instant (milliseconds), which it then is. */
  take(now: number): boolean;
}

export function createAllowance(most: number, spanMillis: number): Allowance {
  let since = Number.NEGATIVE_INFINITY;
  let taken = 0;
  return {
    take: (now) => {
      if (now - since >= spanMillis) {
        since = now;
        taken = 0;
      }
      taken += 1;
      return taken <= most;
    },
  };
}
