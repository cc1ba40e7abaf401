import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import pg from 'pg';
import { JitsuinError } from '../../../core/errors.ts';
import { checkedParameters, plainRow } from './engine-values.ts';

const INT8 = 20;
/** How long the server goes on with one statement, and how long an answer is waited for; ms, 0 without end. */
export interface Patience {
  readonly statementMillis: number;
  readonly silenceMillis: number;
}

/** The silence is longer than `statement_timeout`: a server that is there has said no before. */
export const WORKING: Patience = { statementMillis: 30_000, silenceMillis: 35_000 };
/** An index over a large table takes as long as it takes; TCP's own keep-alive finds out a server that is gone. */
export const MIGRATING: Patience = { statementMillis: 0, silenceMillis: 0 };

/** int8 → number (counts and milliseconds fit); anything beyond 2^53 is refused, not rounded. */
export function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new JitsuinError('internal.unexpected', 'An int8 beyond 2^53 was read.');
  return value;
}

/**
 * Pool with the search path set to our schema, and parameters and rows as in SQLite. Lost connections are replaced
 * silently: idle ones, and those whose server gave no answer in time.
 */
export function openPostgresPool(
  url: string,
  schema: string,
  size: number,
  { statementMillis, silenceMillis }: Patience = WORKING,
): PostgresPool {
  const pool = new pg.Pool({
    connectionString: url,
    max: size,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    query_timeout: silenceMillis,
    application_name: 'jitsuin',
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === INT8 ? parseInt8 : pg.types.getTypeParser(oid, format ?? 'text'),
    },
    options:
      `-c search_path=${schema} -c idle_in_transaction_session_timeout=60000 -c ` +
      `statement_timeout=${statementMillis} -c lock_timeout=10000`,
  });
  pool.on('error', () => undefined);
  // from the moment it stands: a server that goes just then tells it in the same octets, before anybody has the client
  pool.on('connect', (client) => client.on('error', () => undefined));
  const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    connect: async () => {
      const client = await pool.connect();
      const known = clients.get(client) ?? seamClient(client);
      clients.set(client, known);
      return known;
    },
    end: () => pool.end(),
  };
}

function seamClient(client: pg.PoolClient): PostgresPoolClient {
  let silent = false;
  async function query<R>(sql: unknown, parameters?: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    // pg would queue it behind the statement that never ends: a rollback would wait as long again
    if (silent) throw new Error('Connection terminated: no answer came');
    const values = (parameters ?? []).map((value) => (typeof value === 'boolean' ? String(value) : value));
    const result = await client.query(String(sql), checkedParameters(values)).catch((thrown: unknown) => {
      silent = thrown instanceof Error && thrown.message === 'Query read timeout';
      throw thrown;
    });
    return {
      command: commandOf(result.command),
      rowCount: result.rowCount ?? 0,
      rows: result.rows.map((row) => plainRow(row) as R),
    };
  }
  return { query: query as PostgresPoolClient['query'], release: () => client.release(silent) };
}

function commandOf(command: string): PostgresQueryResult<unknown>['command'] {
  if (command === 'UPDATE' || command === 'DELETE' || command === 'INSERT' || command === 'MERGE')
    return command;
  return 'SELECT';
}
