import { toHex } from '../../core/encoding.ts';
import { DAY_MILLIS } from '../../core/spans.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { RevocationResult } from '../../verifier/revocation/revocation-types.ts';
import type { RevocationNeed } from '../../verifier/validation-types.ts';

/** Remembers, per issuer or distribution point, how far the newest authentic revocation data reaches. */
export interface RevocationWatch {
  record(results: readonly RevocationResult[], needs: readonly RevocationNeed[]): void;
  /**
   * Logs `revocation.ageing` when some newest data is older than its nextUpdate minus 20 % of its life (catalogue
   * K11).
   */
  check(): number;
}

interface Newest {
  readonly thisUpdate: number;
  readonly nextUpdate: number;
}

/** The share of its life that data may have left before an operator is told. */
const LEFT = 0.2;
/** A point that nobody has asked about for so long is no longer watched. */
const FORGOTTEN_AFTER = 30 * DAY_MILLIS;
const MOST_POINTS = 10_000;

/** CRLs only: an OCSP answer is made for each question and ends with it. */
export function createRevocationWatch(clock: Clock, log: Log): RevocationWatch {
  const newest = new Map<string, Newest>();
  return {
    record: (results, needs) => {
      for (const [index, result] of results.entries()) {
        const need = needs[index];
        if (need === undefined || result.status === 'indeterminate') continue;
        const { source } = result;
        if (source.method !== 'CRL' || source.nextUpdate === undefined) continue;
        const key = need.distributionPoints.map(toHex).join(' ');
        const known = newest.get(key);
        if (known !== undefined && known.thisUpdate >= source.thisUpdate) continue;
        if (newest.size >= MOST_POINTS && known === undefined) continue;
        newest.set(key, { thisUpdate: source.thisUpdate, nextUpdate: source.nextUpdate });
      }
    },
    check: () => {
      const now = clock.now();
      let ageing = 0;
      for (const [key, { thisUpdate, nextUpdate }] of newest) {
        if (now > nextUpdate + FORGOTTEN_AFTER) newest.delete(key);
        else if (now > nextUpdate - (nextUpdate - thisUpdate) * LEFT) ageing += 1;
      }
      if (ageing > 0) log.error('revocation.ageing', { code: 'revocation.ageing', count: ageing });
      return ageing;
    },
  };
}
