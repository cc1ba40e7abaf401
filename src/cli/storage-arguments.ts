import { existsSync } from 'node:fs';
import { systemClock } from '../adapters/clock.ts';
import { openSealer } from '../adapters/keys/seal-keys.ts';
import { openStore, type Store, type StoreOptions, type StoreRole } from '../adapters/store/open-store.ts';
import { type StorageConfig, storageConfig } from '../config/storage.ts';
import { JitsuinError } from '../core/errors.ts';
import type { Sealer } from '../ports/sealer.ts';
import { type CommandIo, UsageError } from './command.ts';

/** The text that every command over a store shows in its help. */
export const STORAGE_USAGE = `  --role sp|gov|pf   whose store: each role has a file or a schema of its own
  --json             print JSON

The store is PostgreSQL at DATABASE_URL (schema JITSUIN_DATABASE_SCHEMA, default jitsuin_<role>), else the SQLite file of the role in JITSUIN_DATA_DIR (default: ./data).`;

const ROLES: readonly StoreRole[] = ['sp', 'gov', 'pf'];

/** Where there is no key yet: states and codes can be read; nothing is believed, and no row that carries a MAC is written. */
export const CLOSED: Sealer = {
  closed: true,
  seal: () => {
    throw new JitsuinError('key.not-found', 'This command seals nothing.');
  },
  open: () => {
    throw new JitsuinError('key.not-found', 'This command opens nothing.');
  },
  mac: () => {
    throw new JitsuinError('key.not-found', 'This command needs the seal key (JITSUIN_SEAL_KEY_FILE).');
  },
  isMac: () => false,
};

/** @throws UsageError for anything but a role with a store */
export function knownRole(role: string | undefined): StoreRole {
  const known = ROLES.find((candidate) => candidate === role);
  if (known !== undefined) return known;
  const given = role === undefined ? '' : `, not "${role}"`;
  throw new UsageError(`--role must be one of ${ROLES.join(', ')}${given}.`);
}

/** The same for who opens nothing: no key is asked of a KMS. */
export function withClosedStore<T>(
  io: Pick<CommandIo, 'env' | 'origins'>,
  role: string | undefined,
  act: (store: Store) => Promise<T>,
): Promise<T> {
  return withStoreOf(io, role, 'require', act, async () => CLOSED);
}

/** Opens the store that `--role` and the environment name, runs `act` on it and closes it. */
export async function withStore<T>(
  io: Pick<CommandIo, 'env' | 'origins'>,
  role: string | undefined,
  migrations: NonNullable<StoreOptions['migrations']>,
  act: (store: Store) => Promise<T>,
): Promise<T> {
  return withStoreOf(io, role, migrations, act, async (config) =>
    existsSync(config.sealKeyFile) ? openSealer(config) : CLOSED,
  );
}

async function withStoreOf<T>(
  io: Pick<CommandIo, 'env' | 'origins'>,
  role: string | undefined,
  migrations: NonNullable<StoreOptions['migrations']>,
  act: (store: Store) => Promise<T>,
  sealerOf: (config: StorageConfig) => Promise<Sealer>,
): Promise<T> {
  const known = knownRole(role);
  const config = storageConfig(io.env, known, io);
  const { databaseUrl, databaseSchema, dataDir } = config;
  const schema = databaseSchema === undefined ? {} : { schema: databaseSchema };
  const place = databaseUrl === undefined ? { dataDir } : { databaseUrl, ...schema };
  const store = await openStore({
    ...place,
    role: known,
    sealer: await sealerOf(config),
    clock: systemClock,
    migrations,
    poolSize: 2,
  });
  try {
    return await act(store);
  } finally {
    await store.close();
  }
}
