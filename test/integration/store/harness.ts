import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { createSealKey, openFileSealer } from '../../../src/adapters/keys/sealer-file.ts';
import { openStore, type Store, type StoreOptions } from '../../../src/adapters/store/open-store.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import { TEST_DATABASE_URL } from '../../support/servers.ts';

export interface TestClock extends Clock {
  /** Milliseconds since 1970; tests move it. */
  millis: number;
}

/** One engine with data of its own for one test file; `end` leaves nothing behind. */
export interface StoreHarness {
  readonly engine: 'sqlite' | 'postgres';
  readonly folder: string;
  readonly keyFile: string;
  readonly clock: TestClock;
  /** What a child process needs to open the same store. */
  readonly childEnv: Readonly<Record<string, string>>;
  open(overrides?: Partial<StoreOptions>): Promise<Store>;
  /** Every octet that the engine keeps for this store. */
  bytes(store: Store): Promise<Buffer>;
  /** A place of its own: another file or schema. */
  fresh(): StoreHarness;
  end(): Promise<void>;
}

const EPOCH = Date.UTC(2026, 3, 1);

export function sqliteHarness(): StoreHarness {
  const { folder, keyFile, clock } = place();
  return {
    ...{ engine: 'sqlite', folder, keyFile, clock, fresh: sqliteHarness },
    childEnv: { CHILD_DATA_DIR: folder, CHILD_KEY_FILE: keyFile },
    open: (overrides) =>
      openStore({ dataDir: folder, role: 'gov', sealer: openFileSealer(keyFile), clock, ...overrides }),
    bytes: async () => {
      const files = readdirSync(folder).filter((name) => name.includes('.sqlite3'));
      return Buffer.concat(files.map((name) => readFileSync(join(folder, name))));
    },
    end: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function postgresHarness(): StoreHarness {
  const { folder, keyFile, clock } = place();
  const schema = `jt_${process.pid}_${randomBytes(4).toString('hex')}`;
  const open = (overrides?: Partial<StoreOptions>) =>
    openStore({
      ...{ databaseUrl: TEST_DATABASE_URL, schema, role: 'gov', migrations: 'migrate', poolSize: 4 },
      ...{ sealer: openFileSealer(keyFile), clock, ...overrides },
    });
  return {
    ...{ engine: 'postgres', folder, keyFile, clock, open, fresh: postgresHarness },
    childEnv: { CHILD_DATABASE_URL: TEST_DATABASE_URL, CHILD_SCHEMA: schema, CHILD_KEY_FILE: keyFile },
    bytes: (store) => postgresBytes(store, schema),
    end: async () => {
      const store = await open({ migrations: 'skip' });
      await sql`drop schema if exists ${sql.id(schema)} cascade`.execute(store.kysely);
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function place(): { folder: string; keyFile: string; clock: TestClock } {
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-store-'));
  const keyFile = join(folder, 'seal-key.json');
  createSealKey(keyFile);
  const clock: TestClock = { millis: EPOCH, now: () => clock.millis as EpochMillis };
  return { folder, keyFile, clock };
}

/** All rows of all tables as text, with blobs as their octets. */
async function postgresBytes(store: Store, schema: string): Promise<Buffer> {
  const tables = await sql<{ name: string }>`select table_name as name from information_schema.tables
    where table_schema = ${schema}`.execute(store.kysely);
  const parts: Buffer[] = [];
  for (const { name } of tables.rows) {
    const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(
      store.kysely,
    );
    for (const value of rows.flatMap((row) => Object.values(row))) {
      parts.push(value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value)));
    }
  }
  return Buffer.concat(parts);
}
