import {
  CompiledQuery,
  type DatabaseConnection,
  type QueryResult,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  type SqliteStatement,
} from 'kysely';
import Database from 'libsql';
import { checkedParameters, plainRow } from './engine-values.ts';

const STATEMENTS_KEPT = 200;
const BUSY_MILLIS = 5_000;

/**
 * The driver seam: the only file that knows libsql. WAL with synchronous=FULL makes each commit durable (one fsync),
 * busy_timeout waits for another process's transaction, foreign keys are enforced.
 */
function openSqliteFile(file: string): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  let database = openDatabase(file);
  /**
   * libsql leaves a statement that found the database locked unfinished, and with it a view of the data that never
   * grows newer: every later read would be stale and every write refused, for good. A new connection is the way
   * out.
   */
  const renewWhereLocked = (thrown: unknown) => {
    if (!isLocked(thrown) || database.inTransaction) return;
    statements.clear();
    const stale = database;
    database = openDatabase(file);
    stale.close();
  };
  return {
    close: () => {
      statements.clear();
      if (database.open) database.close();
    },
    prepare: (sql) => {
      const known = statements.get(sql);
      if (known !== undefined) return known;
      const statement = seamStatement(database.prepare(sql), renewWhereLocked);
      if (/^(?:select|insert|update|delete|with|begin|commit|rollback)\b/i.test(sql))
        statements.set(sql, statement);
      const [oldest] = statements.keys();
      if (statements.size > STATEMENTS_KEPT && oldest !== undefined) statements.delete(oldest);
      return statement;
    },
  };
}

function openDatabase(file: string): Database.Database {
  const database = new Database(file);
  for (const pragma of [
    `busy_timeout = ${BUSY_MILLIS}`,
    'journal_mode = WAL',
    'synchronous = FULL',
    'foreign_keys = ON',
  ]) {
    retryWhileBusy(() => database.pragma(pragma));
  }
  return database;
}

function isLocked(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && /^SQLITE_(?:BUSY|LOCKED)/.test(String(thrown.code));
}

/** Entering WAL takes a lock that busy_timeout does not wait for: two first starts at once would refuse each other. */
function retryWhileBusy(operation: () => unknown): void {
  const until = performance.now() + BUSY_MILLIS;
  for (;;) {
    try {
      operation();
      return;
    } catch (thrown) {
      if (!isLocked(thrown) || performance.now() > until) throw thrown;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/**
 * `.all()` only: libsql's `.get()` adds a `_metadata` property. Parameters go as one array: a lone Buffer would be
 * taken for named ones.
 */
function seamStatement(statement: Database.Statement, failed: (thrown: unknown) => void): SqliteStatement {
  const attempt = <T>(act: () => T): T => {
    try {
      return act();
    } catch (thrown) {
      failed(thrown);
      throw thrown;
    }
  };
  const all = (parameters: readonly unknown[]) =>
    attempt(() => statement.all(checkedParameters(parameters)).map(plainRow));
  return {
    reader: statement.reader,
    all,
    run: (parameters) => attempt(() => statement.run(checkedParameters(parameters))),
    iterate: (parameters) => all(parameters)[Symbol.iterator](),
  };
}

/**
 * `power-cut`: a commit is on the disk when it returns. `processes`: a commit outlives every process, but a power
 * cut may take it back until the next commit of the first kind by any process on this file, which brings all before
 * it to the disk.
 */
export type Outlives = 'power-cut' | 'processes';

/** The one connection of a file, taken in turn by every kysely over it. */
export class SqliteLock {
  readonly database: SqliteDatabase;
  #last: Promise<void> = Promise.resolve();
  #outlives: Outlives = 'power-cut';

  constructor(file: string) {
    this.database = openSqliteFile(file);
  }

  /**
   * Gives what ends the turn. First come, first served: kysely's own lock wakes every waiter at each release, which
   * is quadratic.
   */
  async take(): Promise<() => void> {
    const before = this.#last;
    let release: () => void = () => undefined;
    this.#last = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    return release;
  }

  /**
   * Before a transaction, or a change without one. In WAL mode NORMAL leaves the fsync to the next commit in FULL or
   * to the checkpoint.
   */
  commitsOutlive(outlives: Outlives): void {
    if (outlives === this.#outlives) return;
    // SQLite carries this pragma out while it prepares it, so it is prepared each time
    this.database.prepare(`pragma synchronous = ${outlives === 'power-cut' ? 'FULL' : 'NORMAL'}`).run([]);
    this.#outlives = outlives;
  }
}

/** Changes nothing, so that it does not matter what a commit would outlive. */
const READS = /^\s*select\b/i;

/** What holds the lock. What it answers is there at once: SQLite does its work inside the call. */
class LockedConnection implements DatabaseConnection {
  readonly #lock: SqliteLock;
  readonly #outlives: Outlives;

  constructor(lock: SqliteLock, outlives: Outlives) {
    this.#lock = lock;
    this.#outlives = outlives;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    if (!READS.test(sql)) this.#lock.commitsOutlive(this.#outlives);
    const statement = this.#lock.database.prepare(sql);
    if (statement.reader) return { rows: statement.all(parameters) as Row[] };
    const { changes, lastInsertRowid } = statement.run(parameters);
    return { numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid), rows: [] };
  }

  async *streamQuery<Row>({ sql, parameters }: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    for (const row of this.#lock.database.prepare(sql).iterate(parameters)) yield { rows: [row as Row] };
  }
}

/** BEGIN IMMEDIATE: the write lock is taken at the start, so a transaction never fails half-way for want of it. */
class ImmediateSqliteDriver extends SqliteDriver {
  readonly #lock: SqliteLock;
  readonly #connection: DatabaseConnection;
  #release: () => void = () => undefined;

  constructor(lock: SqliteLock, outlives: Outlives) {
    super({ database: lock.database });
    this.#lock = lock;
    this.#connection = new LockedConnection(lock, outlives);
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    this.#release = await this.#lock.take();
    return this.#connection;
  }

  override async releaseConnection(): Promise<void> {
    this.#release();
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  /** SQLite has already rolled back by itself after a full disk; the first error is the one to tell. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await connection.executeQuery(CompiledQuery.raw('rollback'));
    } catch {
      // nothing was open any more
    }
  }
}

export class ImmediateSqliteDialect extends SqliteDialect {
  readonly #lock: SqliteLock;
  readonly #outlives: Outlives;

  constructor(lock: SqliteLock, outlives: Outlives) {
    super({ database: lock.database });
    this.#lock = lock;
    this.#outlives = outlives;
  }

  override createDriver(): SqliteDriver {
    return new ImmediateSqliteDriver(this.#lock, this.#outlives);
  }
}
