import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import pg from 'pg';
import { defined } from '../../../core/defined.ts';
import { JitsuinError } from '../../../core/errors.ts';
import { MINUTE_MILLIS } from '../../../core/spans.ts';
import { checkedParameters, plainRow } from './engine-values.ts';
import { LATER, markNeverCommitted } from './later.ts';
import { type PostgresHosts, postgresHosts, type SessionAttributes } from './postgres-hosts.ts';
import { isMadeAgain, learnStale, MADE_AGAIN, StatementNames } from './statement-names.ts';

const INT8 = 20;
/** How long the server goes on with one statement, and how long an answer is waited for; ms, 0 without end. */
interface Patience {
  readonly statementMillis: number;
  readonly silenceMillis: number;
}

/** The silence is longer than `statement_timeout`: a server that is there has said no before. */
export const WORKING: Patience = { statementMillis: 30_000, silenceMillis: 35_000 };
/** An index over a large table takes as long as it takes; TCP's own keep-alive finds out a server that is gone. */
export const MIGRATING: Patience = { statementMillis: 0, silenceMillis: 0 };

/** What the server is told of a session or, behind a pooler, of each transaction; ms. */
function serverLimits({ statementMillis }: Patience): readonly (readonly [string, number])[] {
  return [
    ['idle_in_transaction_session_timeout', MINUTE_MILLIS],
    ['statement_timeout', statementMillis],
    ['lock_timeout', 10_000],
  ];
}

/** A pool whose sessions are ours, or a pooler's that lends them for one transaction. */
interface OwnPool extends PostgresPool {
  /** Finds out whether what a session is told when it begins is still so when it is used. @throws the driver's fault */
  learnPooler(): Promise<'sessions' | 'pooler'>;
}

/** int8 → number (counts and milliseconds fit); anything beyond 2^53 is refused, not rounded. */
export function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new JitsuinError('internal.unexpected', 'An int8 beyond 2^53 was read.');
  return value;
}

/**
 * Pool with the search path set to our schema, and parameters and rows as in SQLite. Lost connections are replaced
 * silently: idle ones, and those whose server gave no answer in time. Of several hosts the first that will do is taken,
 * and one that does so no longer (a primary that was demoted) is left.
 * @throws JitsuinError `config.invalid` (the URL)
 */
export function openPostgresPool(
  url: string,
  schema: string,
  size: number,
  patience: Patience = WORKING,
): OwnPool {
  const hosts = postgresHosts(url);
  const place = {
    host: 0,
    pooler: false,
    limits: serverLimits(patience),
    // a migration changes what it has asked before
    names: patience === MIGRATING ? undefined : new StatementNames(),
  };
  const { wanted } = hosts;
  const onConnect = wanted === 'any' ? undefined : (client: pg.ClientBase) => refuseOther(client, wanted);
  const pool = new pg.Pool(
    defined({
      Client: clientOf(hosts, schema, place),
      max: size,
      connectionTimeoutMillis: 10_000,
      query_timeout: patience.silenceMillis,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      onConnect,
    }),
  );
  pool.on('error', () => undefined);
  // from the moment it stands: a server that goes just then tells it in the same octets, before anybody has the client
  pool.on('connect', (client) => client.on('error', () => undefined));
  const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  const connect = async () => {
    const client = await connectAny(pool, hosts, place);
    const known = clients.get(client) ?? seamClient(client, schema, place);
    clients.set(client, known);
    return known;
  };
  return {
    connect,
    end: () => pool.end(),
    learnPooler: async () => {
      const client = await connect();
      try {
        if (!place.pooler) place.pooler = !(await keepsSearchPath(client, schema));
      } finally {
        client.release();
      }
      if (!place.pooler) place.names?.begin();
      return place.pooler ? 'pooler' : 'sessions';
    },
  };
}

interface Place {
  /** Which of the hosts is asked. */
  host: number;
  /** Sessions are lent by a pooler: each transaction is told what it needs. */
  pooler: boolean;
  readonly limits: ReturnType<typeof serverLimits>;
  /** Of statements that servers keep; not behind a pooler, whose next session has never heard of them. */
  readonly names: StatementNames | undefined;
}

function clientOf({ urls }: PostgresHosts, schema: string, place: Place): typeof pg.Client {
  const limits = place.limits.map(([name, millis]) => `-c ${name}=${millis}`);
  return class extends pg.Client {
    constructor(given: pg.ClientConfig = {}) {
      super(
        defined({
          ...given,
          connectionString: urls[place.host] ?? '',
          application_name: 'jitsuin',
          pipeline: true,
          types: { getTypeParser: typeParser },
          options: place.pooler ? undefined : [`-c search_path=${schema}`, ...limits].join(' '),
        }) as pg.ClientConfig,
      );
    }
  };
}

function typeParser(oid: number, format?: 'text' | 'binary') {
  return oid === INT8 ? parseInt8 : pg.types.getTypeParser(oid, (format ?? 'text') as 'text');
}

/**
 * Tries the hosts in turn, beginning with the one that did last. A pooler that takes no start-up options is asked
 * without.
 */
async function connectAny(pool: pg.Pool, { urls }: PostgresHosts, place: Place): Promise<pg.PoolClient> {
  let first: unknown;
  for (let left = urls.length; left > 0; ) {
    const { host } = place;
    try {
      return await pool.connect();
    } catch (thrown) {
      // every connection is lent: another host would not help
      if (messageOf(thrown).startsWith('timeout exceeded')) throw thrown;
      if (!place.pooler && /unsupported startup parameter/i.test(messageOf(thrown))) {
        place.pooler = true;
        continue;
      }
      first ??= thrown;
      left -= 1;
      if (place.host === host) place.host = (host + 1) % urls.length;
    }
  }
  throw first ?? new Error('Connection terminated: no host took us in');
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : '';
}

async function refuseOther(client: pg.ClientBase, wanted: SessionAttributes): Promise<void> {
  const { rows } = await client.query<{ replica: boolean; read_only: string }>(
    `select pg_is_in_recovery() as replica, current_setting('transaction_read_only') as read_only`,
  );
  const replica = rows[0]?.replica !== false;
  if (!replica && (wanted === 'primary' || rows[0]?.read_only === 'off')) return;
  throw Object.assign(new Error('this host is not what target_session_attrs asks for'), { code: '25006' });
}

async function keepsSearchPath(client: PostgresPoolClient, schema: string): Promise<boolean> {
  const { rows } = await client.query<{ path: string }>(`select current_setting('search_path') as path`, []);
  return rows[0]?.path === schema;
}

/** What ends with its transaction, said in one go with its beginning. */
function transactionBegin(begin: string, schema: string, { limits }: Place): string {
  const told = limits.map(([name, millis]) => `set local ${name} = ${millis}`);
  return [begin, `set local search_path to "${schema}"`, ...told].join('; ');
}

function seamClient(client: pg.PoolClient, schema: string, place: Place): PostgresPoolClient {
  let silent = false;
  let unfit = false;
  let inTransaction = false;
  /** Statements that the server knows, so that a failure before them cannot keep it from learning them. */
  const known = new Set<string>();
  async function send(sql: string, values?: unknown[]): Promise<pg.QueryResult> {
    // pg would queue it behind the statement that never ends: a rollback would wait as long again
    if (silent) throw new Error('Connection terminated: no answer came');
    const name = place.pooler || values === undefined ? undefined : place.names?.nameOf(sql);
    try {
      if (name === undefined || values === undefined) return await client.query(sql, values);
      return await client.query({ name, text: sql, values });
    } catch (thrown) {
      if (name !== undefined && learnStale(place.names, thrown)) {
        known.clear();
        if (!inTransaction) return send(sql, values);
        const message = 'A statement of this transaction has to be prepared anew.';
        throw Object.assign(new Error(message, { cause: thrown }), { code: MADE_AGAIN });
      }
      silent = messageOf(thrown) === 'Query read timeout';
      // a primary that was demoted: whoever asks next shall ask another host
      unfit ||= silent || (thrown instanceof Error && 'code' in thrown && thrown.code === '25006');
      throw thrown;
    }
  }
  /** What the open transaction was sent and nobody waits for: its first failure is what the transaction failed with. */
  let failed: { readonly thrown: unknown } | undefined;
  function sendLater(text: string, values?: unknown[]): void {
    send(text, values).catch((thrown: unknown) => {
      failed ??= { thrown };
    });
  }
  async function answered(answer: Promise<pg.QueryResult>): Promise<pg.QueryResult> {
    try {
      const result = await answer;
      if (failed === undefined) return result;
    } catch (thrown) {
      if (failed === undefined) throw thrown;
    }
    // what the server says of it comes before the commit, which rolls back then; a connection that broke says nothing
    if (failed.thrown instanceof pg.DatabaseError || isMadeAgain(failed.thrown))
      markNeverCommitted(failed.thrown);
    throw failed.thrown;
  }
  async function query<R>(sql: unknown, parameters?: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    const text = String(sql);
    const values = checkedParameters(
      (parameters ?? []).map((value) => (typeof value === 'boolean' ? String(value) : value)),
    );
    const [word = ''] = /^\s*\w+/.exec(text.toLowerCase()) ?? [];
    const verb = word.trim();
    const alone = place.pooler || place.names?.ours !== true;
    if (!alone && verb === 'begin') {
      failed = undefined;
      inTransaction = true;
      sendLater(text);
      return { command: 'SELECT', rowCount: 0, rows: [] };
    }
    if (!alone && inTransaction && text.endsWith(LATER) && known.has(text)) {
      sendLater(text, values);
      return { command: commandOf(verb.toUpperCase()), rowCount: 1, rows: [] };
    }
    if (verb === 'begin' || verb === 'start') {
      const begun = await send(place.pooler ? transactionBegin(text, schema, place) : text);
      inTransaction = true;
      return answerOf(begun);
    }
    if (verb === 'commit' || verb === 'rollback') {
      try {
        const ended = send(text);
        return answerOf(await (verb === 'commit' ? answered(ended) : ended));
      } finally {
        inTransaction = false;
        failed = undefined;
      }
    }
    if (!place.pooler || inTransaction) {
      const answer = send(text, values);
      const result = await (inTransaction ? answered(answer) : answer);
      if (text.endsWith(LATER)) known.add(text);
      return answerOf(result);
    }
    await send(transactionBegin('begin', schema, place));
    inTransaction = true;
    try {
      const result = await send(text, values);
      await send('commit');
      return answerOf(result);
    } catch (thrown) {
      await send('rollback').catch(() => undefined);
      throw thrown;
    } finally {
      inTransaction = false;
    }
  }
  return { query: query as PostgresPoolClient['query'], release: () => client.release(unfit) };
}

/** The answer to one statement; of several in one text the first. */
function answerOf<R>(answer: pg.QueryResult | readonly pg.QueryResult[]): PostgresQueryResult<R> {
  const result = Array.isArray(answer) ? answer[0] : answer;
  return {
    command: commandOf(result.command),
    rowCount: result.rowCount ?? 0,
    rows: result.rows.map((row: unknown) => plainRow(row) as R),
  };
}

function commandOf(command: string): PostgresQueryResult<unknown>['command'] {
  if (command === 'UPDATE' || command === 'DELETE' || command === 'INSERT' || command === 'MERGE')
    return command;
  return 'SELECT';
}
