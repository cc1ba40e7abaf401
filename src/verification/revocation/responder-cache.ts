import { BoundedMap } from '../../core/bounded-map.ts';
import type { ResponderCache, VerifiedResponder } from '../../verifier/revocation/revocation-types.ts';

/** A CA has a handful of responder certificates at a time. */
const MOST_RESPONDERS = 100;

/**
 * Responder certificates that were verified once, for one policy; the one that was taken up first goes when there
 * are too many.
 */
export function createResponderCache(limit: number = MOST_RESPONDERS): ResponderCache {
  return new BoundedMap<string, VerifiedResponder>(limit);
}
