import type { ResponderCache, VerifiedResponder } from '../../verifier/revocation/revocation-types.ts';

/** A CA has a handful of responder certificates at a time. */
const MOST_RESPONDERS = 100;

/**
 * Responder certificates that were verified once, for one policy; the one that was taken up first goes when there
 * are too many.
 */
export function createResponderCache(limit: number = MOST_RESPONDERS): ResponderCache {
  const verified = new Map<string, VerifiedResponder>();
  return {
    get: (key) => verified.get(key),
    set: (key, responder) => {
      const [oldest] = verified.keys();
      if (!verified.has(key) && verified.size >= limit && oldest !== undefined) verified.delete(oldest);
      verified.set(key, responder);
    },
  };
}
