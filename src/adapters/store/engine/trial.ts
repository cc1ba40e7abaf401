import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { JitsuinError } from '../../../core/errors.ts';
import type { StoreSchema } from '../schema/schema.ts';

/** A character outside the basic plane and one that no Japanese encoding of old has. */
const TRIAL_TEXT = '𠮷—';

interface Place {
  readonly db: Kysely<StoreSchema>;
  readonly schema: string;
}

class TrialDone extends Error {}

/**
 * Writes a row with characters that only UTF-8 holds, reads it back and rolls back: the store can do the work.
 * Nothing is left.
 * @throws the engine's own fault; JitsuinError `store.unavailable` where something else came back
 */
export async function tryRow({ db }: Pick<Place, 'db'>): Promise<void> {
  const name = `trial ${randomUUID()}`;
  try {
    await db.transaction().execute(async (transaction) => {
      await transaction.insertInto('store_marks').values({ name, value: TRIAL_TEXT }).execute();
      const row = await transaction
        .selectFrom('store_marks')
        .select('value')
        .where('name', '=', name)
        .executeTakeFirst();
      if (row?.value !== TRIAL_TEXT)
        throw new JitsuinError(
          'store.unavailable',
          'The database does not give back what it was given: its encoding is not UTF8.',
        );
      throw new TrialDone();
    });
  } catch (thrown) {
    if (!(thrown instanceof TrialDone)) throw thrown;
  }
}

interface ServerFacts {
  readonly encoding: string;
  readonly version: number;
  readonly replica: boolean;
  readonly read_only: string;
  readonly path: string;
  readonly creates: boolean | null;
  readonly uses: boolean | null;
  readonly tls: boolean | null;
}

const OLDEST = 130_000;

/** What a PostgreSQL is, in words for an operator. */
export interface PostgresFacts {
  /** Server version, `15.8`. */
  readonly version: string;
  readonly tls: boolean;
  /** Whether a pooler that lends sessions per transaction stands between. */
  readonly pooler: boolean;
}

/**
 * Refuses a PostgreSQL that cannot carry a store: another encoding, a replica, read-only, too old, without a right
 * in the schema.
 * @throws JitsuinError `store.unavailable` saying which and what to do
 */
export async function requireUsablePostgres({ db, schema }: Place, pooler: boolean): Promise<PostgresFacts> {
  const { rows } = await sql<ServerFacts>`select current_setting('server_encoding') as encoding,
    current_setting('server_version_num')::int as version, pg_is_in_recovery() as replica,
    current_setting('transaction_read_only') as read_only, current_setting('search_path') as path,
    (select has_schema_privilege(oid, 'create') from pg_namespace where nspname = ${schema}) as creates,
    (select has_schema_privilege(oid, 'usage') from pg_namespace where nspname = ${schema}) as uses,
    (select ssl from pg_stat_ssl where pid = pg_backend_pid()) as tls`.execute(db);
  const [facts] = rows;
  if (facts === undefined) throw unusable('PostgreSQL gave no answer about itself.');
  if (facts.encoding !== 'UTF8') {
    throw unusable(
      `The database has the encoding ${facts.encoding}, which cannot hold every name: make one ` +
        'with ENCODING UTF8 TEMPLATE template0.',
    );
  }
  if (facts.version < OLDEST)
    throw unusable(`PostgreSQL ${facts.version} is too old: 13 at least, 15 is tested.`);
  if (isTrue(facts.replica)) {
    throw unusable(
      'DATABASE_URL names a replica (it is in recovery): name the primary, or several hosts with ' +
        'target_session_attrs=read-write.',
    );
  }
  if (facts.read_only === 'on') {
    throw unusable(
      'The database is read-only (default_transaction_read_only): ALTER DATABASE name RESET ' +
        'default_transaction_read_only, or the same for the role.',
    );
  }
  if (facts.uses !== null && !isTrue(facts.uses)) {
    throw unusable(
      `The user of DATABASE_URL may not use the schema ${schema}: GRANT USAGE, CREATE ON SCHEMA ${schema} TO role.`,
    );
  }
  return {
    version: `${Math.floor(facts.version / 10_000)}.${facts.version % 10_000}`,
    tls: isTrue(facts.tls),
    pooler,
  };
}

/**
 * Every table of ours may be read and added to. @throws JitsuinError `store.unavailable` naming the first that may
 * not
 */
export async function requireTableRights({ db, schema }: Place): Promise<void> {
  const { rows } = await sql<{ name: string; missing: string }>`select c.relname as name, p.needed as missing
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    cross join (values ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) as p(needed)
    where n.nspname = ${schema} and c.relkind in ('r', 'p') and not has_table_privilege(c.oid, p.needed)
      and not (c.relname = 'audit_records' and p.needed in ('UPDATE', 'DELETE'))
      and not (c.relname = 'kysely_migration' and p.needed <> 'SELECT')
    order by 1, 2 limit 1`.execute(db);
  const [first] = rows;
  if (first === undefined) return;
  throw unusable(
    `The user of DATABASE_URL lacks ${first.missing} on ${schema}.${first.name}: let it own the ` +
      'tables (run "jitsuin migrate" as this user), or GRANT SELECT, INSERT, UPDATE, DELETE ON ALL ' +
      `TABLES IN SCHEMA ${schema} TO role.`,
  );
}

function isTrue(value: unknown): boolean {
  return String(value) === 'true';
}

function unusable(message: string): JitsuinError {
  return new JitsuinError('store.unavailable', message, { at: 'DATABASE_URL' });
}
