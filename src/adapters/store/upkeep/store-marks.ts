import { sql } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import { JitsuinError } from '../../../core/errors.ts';
import type { StoreConnection } from '../engine/connection.ts';
import type { StoreEngine, StoreTransaction } from '../engine/store-engine.ts';
import { guarded } from '../engine/store-errors.ts';
import type { RowMacs } from '../rows/row-macs.ts';
import type { AnyDb } from '../schema/migration-columns.ts';

/** A restore that was declared: what was handed out before it works no more. */
export interface Restored {
  readonly at: EpochMillis;
  /** New idempotency keys begin with it for a day; undefined: the operator accepts any. */
  readonly keyPrefix?: string;
}

type Mark = 'backup' | 'restored-at' | 'key-prefix' | 'went-back';

/** `backup`: when this copy was taken; it is there in a copy only. */
export async function createStoreMarks(db: AnyDb, engine: StoreEngine): Promise<void> {
  await db.schema
    .createTable('store_marks')
    .addColumn('name', 'text', (c) => c.primaryKey().notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .execute();
  if (engine === 'postgres') await rememberPlace(db);
}

/**
 * A dump brings tables back with their comments, and under other object ids. So the id that the comment names tells
 * whether this is the place where the data grew, or one into which they were put.
 */
async function rememberPlace(db: AnyDb | StoreTransaction): Promise<void> {
  await sql`do $$ begin
    execute format('comment on table audit_records is %L', 'jitsuin place ' || 'audit_records'::regclass::oid);
  end $$`.execute(db);
}

async function isElsewhere({ db, engine }: StoreConnection): Promise<boolean> {
  if (engine === 'sqlite') return false;
  const { rows } = await sql<{
    here: boolean;
  }>`select coalesce(obj_description('audit_records'::regclass, 'pg_class')
    = 'jitsuin place ' || 'audit_records'::regclass::oid, false) as here`.execute(db);
  return String(rows[0]?.here) !== 'true';
}

/** @param macs given: each mark but that of a backup must be ours */
async function marksOf({ db }: StoreConnection, macs?: RowMacs): Promise<Partial<Record<Mark, string>>> {
  const rows = await db.selectFrom('store_marks').selectAll().execute();
  for (const row of rows) if (row.name !== 'backup') macs?.checked('store_marks', row);
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

/** True for data that were put back and not yet declared restored. */
function isPutBack(connection: StoreConnection): Promise<boolean> {
  return guarded(
    async () => (await marksOf(connection)).backup !== undefined || (await isElsewhere(connection)),
  );
}

/** @throws JitsuinError `store.put-back` */
export async function refusePutBack(connection: StoreConnection, role: string): Promise<void> {
  if (!(await isPutBack(connection))) return;
  const message =
    `This database was put back from a backup. Run "jitsuin store restored --role ${role}" ` +
    'before it is used.';
  throw new JitsuinError('store.put-back', message);
}

export async function readRestored(
  connection: StoreConnection,
  macs: RowMacs,
): Promise<Restored | undefined> {
  const marks = await guarded(() => marksOf(connection, macs));
  if (marks['restored-at'] === undefined) return undefined;
  const at = Number(marks['restored-at']) as EpochMillis;
  const keyPrefix = marks['key-prefix'];
  return defined({
    at,
    keyPrefix,
  });
}

/** The last act of a restore: from now on the store opens, and old keys and tokens do not. */
export async function markRestored(
  transaction: StoreTransaction,
  engine: StoreEngine,
  macs: RowMacs,
  { at, keyPrefix }: Restored,
): Promise<void> {
  await transaction
    .deleteFrom('store_marks')
    .where('name', 'in', ['backup', 'restored-at', 'key-prefix', 'went-back', 'timeline'])
    .execute();
  const rows = [
    { name: 'restored-at', value: String(at) },
    ...(keyPrefix === undefined ? [] : [{ name: 'key-prefix', value: keyPrefix }]),
  ];
  const sealed = rows.map((row) => macs.sealed('store_marks', row));
  await transaction.insertInto('store_marks').values(sealed).execute();
  if (engine === 'postgres') await rememberPlace(transaction);
}
