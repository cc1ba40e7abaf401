import type { Clock } from '../../ports/clock.ts';
import type { EvidenceArchive } from '../../ports/evidence-archive.ts';
import { resultsLeft, unsealed } from '../store/records/growing-ages.ts';
import type { Store } from '../store/store-options.ts';
import type { Metrics } from './metrics.ts';

/** What grows or runs out while nothing fails, asked when metrics are read. Nothing of it stands in a log. */
export function askSilentGrowth(
  metrics: Metrics,
  store: Pick<Store, 'kysely' | 'audit'>,
  clock: Clock,
): void {
  metrics.ask(
    'jitsuin_result_left_seconds',
    'Until the oldest result that is not fetched yet is given up: 50 minutes after the signature',
    'state',
    () => resultsLeft(store, clock),
  );
  metrics.ask(
    'jitsuin_audit_unsealed_seconds',
    'Since the newest seal, where records came after it',
    'log',
    () => unsealed(store, clock),
  );
}

/** Where evidence is time-stamped: how long the oldest record without a token has waited. */
export function askUnstamped(
  metrics: Metrics,
  archive: Pick<EvidenceArchive, 'uncovered'>,
  clock: Clock,
): void {
  metrics.ask(
    'jitsuin_evidence_unstamped_seconds',
    'Age of the oldest evidence without a time-stamp',
    'evidence',
    async () => {
      const [oldest] = await archive.uncovered(1);
      return { oldest: oldest === undefined ? 0 : Math.max(0, clock.now() - oldest.at) / 1000 };
    },
  );
}
