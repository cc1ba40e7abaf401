import type { EpochMillis } from '../../core/brand.ts';
import { HOUR_MILLIS, MINUTE_MILLIS } from '../../core/spans.ts';
import type { FreshnessPolicy } from './revocation-types.ts';

/** One minute of clock difference; an OCSP answer without nextUpdate counts for an hour. */
export const DEFAULT_FRESHNESS: FreshnessPolicy = {
  skew: MINUTE_MILLIS,
  maxAgeWithoutNextUpdate: HOUR_MILLIS,
};

/** Whether data may be used at an instant: `future` and `stale` are never good. */
export function freshness(
  data: { readonly thisUpdate: EpochMillis; readonly nextUpdate?: EpochMillis | undefined },
  at: EpochMillis,
  policy: FreshnessPolicy,
): 'fresh' | 'revocation.future' | 'revocation.stale' {
  if (data.thisUpdate > at + policy.skew) return 'revocation.future';
  const said = data.nextUpdate ?? data.thisUpdate + policy.maxAgeWithoutNextUpdate;
  const bounded = Math.min(said, data.thisUpdate + (policy.maxAge ?? Number.POSITIVE_INFINITY));
  const end = Math.max(bounded, data.thisUpdate + (policy.leastAge ?? 0));
  return end < at - policy.skew ? 'revocation.stale' : 'fresh';
}
