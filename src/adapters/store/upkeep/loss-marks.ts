import { type Kysely, sql } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import { JitsuinError } from '../../../core/errors.ts';
import type { StoreEngine } from '../engine/store-engine.ts';
import type { RowMacs } from '../rows/row-macs.ts';
import type { StoreSchema } from '../schema/schema.ts';

interface Place {
  readonly db: Kysely<StoreSchema>;
  readonly engine: StoreEngine;
  readonly macs: RowMacs | undefined;
}

/** A process missed what it had committed: no other works on this store until somebody has looked. */
export async function markLoss(
  db: Kysely<StoreSchema>,
  macs: RowMacs,
  now: EpochMillis,
  { at = '' }: JitsuinError,
): Promise<void> {
  await writeMark(db, macs, 'went-back', `${now} ${at}`);
}

/**
 * Refuses a store that a process has found to have gone back, and a PostgreSQL that was promoted or recovered to a
 * point in time (its timeline is another) unless this process has just found all that it committed: who comes new
 * cannot know whether something is lost.
 * @throws JitsuinError `store.went-back`
 */
export async function requireNoLoss(place: Place, committed: 'whole' | 'unknown'): Promise<void> {
  const { db, macs } = place;
  const rows = await db
    .selectFrom('store_marks')
    .selectAll()
    .where('name', 'in', ['went-back', 'timeline'])
    .execute();
  for (const row of rows) macs?.checked('store_marks', row);
  const marks = new Map(rows.map(({ name, value }) => [name, value]));
  if (marks.has('went-back')) throw wentBack('a process missed what it had committed');
  const timeline = await timelineOf(place);
  const before = marks.get('timeline');
  if (timeline === undefined || before === timeline) return;
  if (before !== undefined && committed === 'unknown') {
    throw wentBack(
      `PostgreSQL was promoted or recovered to a point in time (timeline ${before}, now ${timeline})`,
    );
  }
  if (macs === undefined || macs.closed) return;
  await db.deleteFrom('store_marks').where('name', '=', 'timeline').execute();
  await writeMark(db, macs, 'timeline', timeline);
}

function wentBack(what: string): JitsuinError {
  return new JitsuinError(
    'store.went-back',
    `Committed data may be lost: ${what}. See samples/RESTORE.md, then run "jitsuin store restored".`,
  );
}

async function writeMark(
  db: Kysely<StoreSchema>,
  macs: RowMacs,
  name: 'went-back' | 'timeline',
  value: string,
): Promise<void> {
  await db
    .insertInto('store_marks')
    .values(macs.sealed('store_marks', { name, value }))
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
}

/** Of the WAL; undefined where a server keeps none that it shows. */
async function timelineOf({ db, engine }: Place): Promise<string | undefined> {
  if (engine === 'sqlite') return undefined;
  const asked = sql<{ file: string }>`select pg_walfile_name(pg_current_wal_lsn()) as file`.execute(db);
  const { rows } = await asked.catch(() => ({ rows: [] }));
  return rows[0]?.file.slice(0, 8);
}
