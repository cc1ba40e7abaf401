import { type Kysely, sql } from 'kysely';
import type { StoreSchema } from '../schema/schema.ts';

/** Connections that a process opens at most (`pg.Pool`'s `max`), where nothing else is said. */
export const POOL_SIZE = 10;

/** What a PostgreSQL lets in, and who is in. */
interface PostgresRoom {
  /**
   * For this user: the least of `max_connections` less what is reserved, `CONNECTION LIMIT` of the database and of the
   * role.
   */
  readonly limit: number;
  /** Of any process of ours on this server. */
  readonly ours: number;
  readonly others: number;
  /** Processes of ours that still fit, each with a full pool, beside everybody who is in now and is not ours. */
  readonly processes: number;
}

interface Counted {
  readonly total: number;
  readonly reserved: number;
  readonly of_database: number;
  readonly of_role: number;
  readonly ours: number;
  readonly others: number;
}

/** Processes × POOL_SIZE must fit; a process that finds no room stands still until another lets go. */
export async function roomOf(db: Kysely<StoreSchema>, poolSize = POOL_SIZE): Promise<PostgresRoom> {
  const { rows } = await sql<Counted>`select
    current_setting('max_connections')::int as total,
    current_setting('superuser_reserved_connections')::int
      + coalesce(current_setting('reserved_connections', true), '0')::int as reserved,
    (select datconnlimit from pg_database where datname = current_database()) as of_database,
    (select rolconnlimit from pg_roles where rolname = current_user) as of_role,
    (select count(*)::int from pg_stat_activity
      where backend_type = 'client backend' and application_name = 'jitsuin') as ours,
    (select count(*)::int from pg_stat_activity
      where backend_type = 'client backend' and application_name <> 'jitsuin') as others`.execute(db);
  const [counted] = rows;
  if (counted === undefined) throw new Error('PostgreSQL gave no answer about its connections.');
  return roomIn(counted, poolSize);
}

/** `-1` is no limit (`pg_database.datconnlimit`, `pg_roles.rolconnlimit`). */
export function roomIn(counted: Counted, poolSize: number): PostgresRoom {
  const { total, reserved, of_database, of_role, ours, others } = counted;
  const limits = [total - reserved, of_database, of_role].filter((limit) => limit >= 0);
  const limit = Math.min(...limits);
  return { limit, ours, others, processes: Math.max(0, Math.floor((limit - others) / poolSize)) };
}
