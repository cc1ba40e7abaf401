import { sql } from 'kysely';
import type { Clock } from '../../ports/clock.ts';
import type { EvidenceArchive } from '../../ports/evidence-archive.ts';
import { guarded } from '../store/engine/store-errors.ts';
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

/** By the application's own clock, which runs out ten minutes before the service may delete the result. */
async function resultsLeft({ kysely }: Pick<Store, 'kysely'>, clock: Clock): Promise<Record<string, number>> {
  const row = await guarded(() =>
    kysely
      .selectFrom('applications')
      .select(({ fn }) => fn.min('deadline').as('first'))
      .where(sql<boolean>`ended = 0 and state = 'authorized'`)
      .executeTakeFirst(),
  );
  if (row?.first === undefined || row.first === null) return {};
  return { authorized: (Number(row.first) - clock.now()) / 1000 };
}

async function unsealed(
  { kysely, audit }: Pick<Store, 'kysely' | 'audit'>,
  clock: Clock,
): Promise<Record<string, number>> {
  const [newest] = await audit.page({ limit: 1 });
  const seal = await guarded(() =>
    kysely.selectFrom('audit_seals').select('at').orderBy('seq', 'desc').limit(1).executeTakeFirst(),
  );
  if (newest === undefined) return {};
  if (seal !== undefined && newest.at <= seal.at) return { audit: 0 };
  return { audit: Math.max(0, clock.now() - (seal?.at ?? newest.at)) / 1000 };
}
