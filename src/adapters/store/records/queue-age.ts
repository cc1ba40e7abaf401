import { sql } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import { guarded } from '../engine/store-errors.ts';
import type { Store } from '../store-options.ts';

/** Job name → seconds for which its oldest due job has waited. */
export async function oldestDueJobs(
  store: Store,
  now: EpochMillis,
): Promise<Readonly<Record<string, number>>> {
  const rows = await guarded(() =>
    store.kysely
      .selectFrom('jobs')
      .select(['name', (job) => job.fn.min('run_at').as('since')])
      .where(sql<boolean>`state = 'waiting'`)
      .where('run_at', '<=', now)
      .groupBy('name')
      .execute(),
  );
  return Object.fromEntries(rows.map(({ name, since }) => [name, Math.max(0, now - Number(since)) / 1000]));
}
