import type { KeySet } from '../../core/oidc/key-set.ts';
import { MINUTE_MILLIS } from '../../core/spans.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CachedDocument } from './cached-document.ts';

/** At most one fetch for an unknown `kid` in this time; the guideline forbids mass requests (大量アクセスの禁止). */
const FORCED_REFRESH_FLOOR_MILLIS = 30_000;
/** Logout tokens come from outside, from anybody: for them a set of this age is fresh enough. */
const LOGOUT_FRESH_MILLIS = MINUTE_MILLIS;

/** Which token is to be checked: ID tokens come from the token endpoint only, logout tokens from whoever posts one. */
type KeySetUse = 'id-token' | 'logout-token';

export interface KeySetSource {
  /**
   * The keys to check a token with that names `kid`. @throws JitsuinError `upstream.*`, `oidc.token-key` when none
   * can be had
   */
  forToken(use: KeySetUse, kid: unknown): Promise<KeySet>;
}

/**
 * ID tokens: fetched at every check, coalesced, as the guideline demands. A token whose `kid` the set at hand does not
 * know forces a fetch, for each use at most once in 30 seconds, so that random `kid`s cause no storm; between, it is
 * judged with the set at hand.
 */
export function createKeySetSource(document: CachedDocument<KeySet>, clock: Clock): KeySetSource {
  const lastForced = new Map<KeySetUse, number>();

  function mayForce(use: KeySetUse): boolean {
    const last = lastForced.get(use);
    if (last !== undefined && clock.now() - last < FORCED_REFRESH_FLOOR_MILLIS) return false;
    lastForced.set(use, clock.now());
    return true;
  }

  return {
    forToken: async (use, kid) => {
      const atHand = document.latest();
      if (atHand === undefined) return document.get(0);
      const known = atHand.keys.some((key) => key.kid === kid);
      if (known) return document.get(use === 'id-token' ? 0 : LOGOUT_FRESH_MILLIS);
      return mayForce(use) ? document.get(0) : atHand;
    },
  };
}
