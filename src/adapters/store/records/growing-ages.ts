import { sql } from 'kysely';
import type { Clock } from '../../../ports/clock.ts';
import { guarded } from '../engine/store-errors.ts';
import type { Store } from '../store-options.ts';

/**
 * Seconds until the oldest result that is not fetched is given up: by the application's own clock, which runs out ten
 * minutes before the service may delete the result.
 */
export async function resultsLeft(
  { kysely }: Pick<Store, 'kysely'>,
  clock: Clock,
): Promise<Record<string, number>> {
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

/** Seconds since the newest seal, where records came after it; without one, since the newest record. */
export async function unsealed(
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
