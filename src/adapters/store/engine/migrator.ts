import { sql, type Transaction } from 'kysely';
import { JitsuinError } from '../../../core/errors.ts';
import { MINUTE_MILLIS } from '../../../core/spans.ts';
import type { Step } from '../../../core/step.ts';
import { migrations } from '../schema/migrations.ts';
import type { StoreSchema } from '../schema/schema.ts';
import type { StoreConnection } from './connection.ts';
import { guarded } from './store-errors.ts';

const LOCK = 0x6a69; // 'ji'
/** Between two looks whether the migration of another is over; ms. */
const LOOK_AGAIN = 200;
/** A migration that has run for so long is not waited for any more; ms. */
const LONGEST_WAIT = 30 * MINUTE_MILLIS;

/**
 * Brings the schema up, all of it in one transaction that others wait for (SQLite: BEGIN IMMEDIATE, PostgreSQL: an
 * advisory lock; kysely's own Migrator locks nothing on SQLite). Returns the names of the migrations that ran.
 * `after`: what belongs into the same transaction.
 */
export async function migrate(
  connection: StoreConnection,
  after?: (transaction: Transaction<StoreSchema>, ran: readonly string[]) => Promise<void>,
  step: Step = async () => undefined,
): Promise<readonly string[]> {
  if (after === undefined && (await pending(connection)).length === 0) return [];
  return guarded(() =>
    connection.db.transaction().execute(async (transaction) => {
      const ran = await migrateIn(transaction, connection, step);
      await after?.(transaction, ran);
      return ran;
    }),
  );
}

/**
 * Several migrate at once, of one role or of several in the same database: each waits for those before it, however
 * long they take. Asked again and again, since a statement that waits itself ends at `lock_timeout`.
 */
async function lockMigrations(transaction: Transaction<StoreSchema>): Promise<void> {
  const end = performance.now() + LONGEST_WAIT;
  for (;;) {
    const { rows } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(${LOCK}) as mine`.execute(
      transaction,
    );
    if (rows[0]?.mine === true) return;
    if (performance.now() > end)
      throw new JitsuinError(
        'store.unavailable',
        'Another migration of this database has not ended for half an hour.',
      );
    await new Promise((again) => setTimeout(again, LOOK_AGAIN));
  }
}

/**
 * A role that owns its schema and may make no other is refused `create schema if not exists` also where it is
 * there.
 */
async function makeSchema(transaction: Transaction<StoreSchema>, schema: string): Promise<void> {
  const { rows } = await sql`select 1 from pg_catalog.pg_namespace where nspname = ${schema}`.execute(
    transaction,
  );
  if (rows.length === 0) await sql`create schema if not exists ${sql.id(schema)}`.execute(transaction);
}

async function migrateIn(
  transaction: Transaction<StoreSchema>,
  { engine, schema }: StoreConnection,
  step: Step,
): Promise<readonly string[]> {
  if (engine === 'postgres') {
    await lockMigrations(transaction);
    await makeSchema(transaction, schema);
  }
  await sql`create table if not exists kysely_migration
      (name text primary key not null, timestamp text not null)`.execute(transaction);
  const done = await sql<{ name: string }>`select name from kysely_migration`.execute(transaction);
  const names = new Set(done.rows.map((row) => row.name));
  const ran: string[] = [];
  for (const [name, migration] of Object.entries(migrations(engine))) {
    if (names.has(name)) continue;
    await step(0);
    await migration.up(transaction);
    await sql`insert into kysely_migration (name, timestamp) values (${name}, ${new Date().toISOString()})`.execute(
      transaction,
    );
    ran.push(name);
    await step(1);
  }
  return ran;
}

/** @throws JitsuinError `store.migration` when the schema is behind this program */
export async function requireMigrated(connection: StoreConnection): Promise<void> {
  const missing = await pending(connection);
  if (missing.length === 0) return;
  throw new JitsuinError(
    'store.migration',
    `The database schema is behind this program (${missing.length} to go): run "jitsuin migrate".`,
  );
}

/**
 * Names of the migrations that have not run. A newer database, with more than we know, is no reason to stop: N−1
 * runs beside N.
 */
export async function pending(connection: StoreConnection): Promise<readonly string[]> {
  return guarded(async () => {
    const all = Object.keys(migrations(connection.engine));
    if (!(await hasMigrationTable(connection))) return all;
    const done = await sql<{ name: string }>`select name from kysely_migration`.execute(connection.db);
    const names = new Set(done.rows.map((row) => row.name));
    return all.filter((name) => !names.has(name));
  });
}

async function hasMigrationTable({ db, engine, schema }: StoreConnection): Promise<boolean> {
  const found =
    engine === 'sqlite'
      ? await sql`select 1 from sqlite_master where type = 'table' and name = 'kysely_migration'`.execute(db)
      : await sql`select 1 from information_schema.tables
          where table_schema = ${schema} and table_name = 'kysely_migration'`.execute(db);
  return found.rows.length > 0;
}
