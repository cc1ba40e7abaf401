import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { JitsuinError } from '../../../core/errors.ts';
import type { JobRequest } from '../../../ports/job-queue.ts';
import type { StoreSchema } from '../schema/schema.ts';
import type { StoreOptions } from '../store-options.ts';
import { POOL_SIZE } from './postgres-room.ts';
import { SharedCommits } from './shared-commits.ts';
import { ImmediateSqliteDialect, type Outlives, SqliteLock } from './sqlite-dialect.ts';
import type { JobListener, StoreEngine } from './store-engine.ts';
import { guarded, openingError, storeError } from './store-errors.ts';
import { type PostgresFacts, requireUsablePostgres } from './trial.ts';

export interface StoreConnection {
  readonly db: Kysely<StoreSchema>;
  /**
   * The same database for what is of no use once every process has ended: leases, permits, claims of jobs. On SQLite
   * it commits without waiting for the disk, since a power cut ends all processes of that machine; on PostgreSQL it
   * is `db`.
   */
  readonly amongProcesses: Kysely<StoreSchema>;
  /** State changes with their audit records; those that come at the same time share a transaction. */
  readonly changes: SharedCommits;
  readonly engine: StoreEngine;
  /** PostgreSQL schema; for SQLite the name is not used. */
  readonly schema: string;
  onJobs(listener: JobListener): () => void;
  /** Tells the listeners of this process that jobs were committed. */
  jobsCommitted(jobs: readonly JobRequest[]): void;
  ping(): Promise<void>;
  /** What the server is; SQLite has none. */
  readonly server?: PostgresFacts;
  close(): Promise<void>;
}

/** One open database of this process with the number of stores that use it. */
interface Shared {
  readonly db: Kysely<StoreSchema>;
  readonly amongProcesses: Kysely<StoreSchema>;
  readonly changes: SharedCommits;
  readonly listeners: Set<JobListener>;
  users: number;
}

/**
 * A process holds one connection per SQLite file: a second one would wait for the first one's transaction inside a
 * synchronous call and so block the very thread that must finish it.
 */
const openFiles = new Map<string, Shared>();

/** Opens (or joins) the database. @throws JitsuinError `store.unavailable`, `config.invalid` */
export async function openConnection(options: StoreOptions): Promise<StoreConnection> {
  if (options.databaseUrl !== undefined) return openPostgres(options, options.databaseUrl);
  if (options.dataDir === undefined) {
    throw new JitsuinError('config.invalid', 'A store needs a database URL or a data folder.', {
      at: 'dataDir',
    });
  }
  if (options.dataDir === ':memory:')
    return connection(openSqlite(':memory:'), 'sqlite', '', () => undefined);
  const file = join(resolve(options.dataDir), `${options.role}.sqlite3`);
  if (options.migrations === 'require' && !existsSync(file)) {
    throw new JitsuinError('store.migration', 'There is no database yet: run "jitsuin migrate".', {
      at: file,
    });
  }
  const shared = openFiles.get(file) ?? openSqlite(file, options.dataDir);
  openFiles.set(file, shared);
  return connection(shared, 'sqlite', '', () => openFiles.delete(file));
}

const FOLDER_FAULTS: Readonly<Record<string, string>> = {
  EACCES: 'belongs to somebody else: give it to the user of this process (chown), or name another folder',
  EROFS: 'lies on a file system that is read-only: name a folder on a volume that may be written',
};

/** @throws JitsuinError `config.invalid`: why the folder cannot be written, and what to do */
function requireWritable(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? FOLDER_FAULTS[String(cause.code)] : undefined;
    if (why === undefined) throw cause;
    throw new JitsuinError('config.invalid', `The folder ${folder} ${why}.`, {
      at: 'JITSUIN_DATA_DIR',
      cause,
    });
  }
}

function openSqlite(file: string, folder?: string): Shared {
  try {
    if (folder !== undefined) requireWritable(folder);
    const lock = new SqliteLock(file);
    const over = (outlives: Outlives) =>
      new Kysely<StoreSchema>({ dialect: new ImmediateSqliteDialect(lock, outlives) });
    const db = over('power-cut');
    return {
      db,
      amongProcesses: over('processes'),
      changes: new SharedCommits(db, 'sqlite'),
      listeners: new Set(),
      users: 0,
    };
  } catch (cause) {
    throw storeError(cause);
  }
}

async function openPostgres(options: StoreOptions, url: string): Promise<StoreConnection> {
  const schema = options.schema ?? `jitsuin_${options.role}`;
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(schema)) {
    throw new JitsuinError('config.invalid', 'A schema name is lower-case letters, digits and underscores.', {
      at: 'schema',
    });
  }
  const { MIGRATING, openPostgresPool, WORKING } = await import('./postgres-pool.ts');
  const patience = options.migrations === 'skip' ? MIGRATING : WORKING;
  const pool = openPostgresPool(url, schema, options.poolSize ?? POOL_SIZE, patience);
  const dialect = new PostgresDialect({ pool });
  const db = new Kysely<StoreSchema>({ dialect });
  const opened = connection(
    {
      db,
      amongProcesses: db,
      changes: new SharedCommits(db, 'postgres'),
      listeners: new Set(),
      users: 0,
    },
    'postgres',
    schema,
    () => undefined,
  );
  try {
    const pooler = (await pool.learnPooler()) === 'pooler';
    return { ...opened, server: await requireUsablePostgres(opened, pooler) };
  } catch (cause) {
    await opened.close();
    throw openingError(cause, url);
  }
}

function connection(
  shared: Shared,
  engine: StoreEngine,
  schema: string,
  forget: () => void,
): StoreConnection {
  shared.users += 1;
  const own = new Set<JobListener>();
  let open = true;
  return {
    db: shared.db,
    amongProcesses: shared.amongProcesses,
    changes: shared.changes,
    engine,
    schema,
    onJobs: (listener) => {
      shared.listeners.add(listener);
      own.add(listener);
      return () => void (shared.listeners.delete(listener) && own.delete(listener));
    },
    jobsCommitted: (jobs) => {
      for (const listener of shared.listeners) listener(jobs);
    },
    ping: () => guarded(async () => void (await sql`select 1`.execute(shared.db))),
    close: async () => {
      if (!open) return;
      open = false;
      for (const listener of own) shared.listeners.delete(listener);
      shared.users -= 1;
      if (shared.users > 0) return;
      // a chain that cannot be closed now stays open, and `audit verify` names it
      await shared.changes.end().catch(() => undefined);
      if (shared.users > 0) return;
      forget();
      await shared.db.destroy();
      await shared.amongProcesses.destroy();
    },
  };
}
