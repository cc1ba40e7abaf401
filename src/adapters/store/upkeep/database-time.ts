import { sql } from 'kysely';
import { guarded } from '../engine/store-errors.ts';
import type { Store } from '../store-options.ts';

/** The time of day of PostgreSQL, in milliseconds; undefined for the embedded database, which has this machine's. */
export async function databaseTime({
  engine,
  kysely,
}: Pick<Store, 'engine' | 'kysely'>): Promise<number | undefined> {
  if (engine !== 'postgres') return undefined;
  const { rows } = await guarded(() =>
    sql<{ now: number | string }>`select extract(epoch from clock_timestamp()) * 1000 as now`.execute(kysely),
  );
  return Number(rows[0]?.now);
}
