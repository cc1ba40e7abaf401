import { existsSync } from 'node:fs';
import { systemClock } from '../adapters/clock.ts';
import { openSealer } from '../adapters/keys/seal-keys.ts';
import { openStore, type Store, type StoreOptions, type StoreRole } from '../adapters/store/open-store.ts';
import { type StorageConfig, storageConfig } from '../config/storage.ts';
import { defined } from '../core/defined.ts';
import { JitsuinError } from '../core/errors.ts';
import type { Sealer } from '../ports/sealer.ts';
import type { CommandIo } from './command.ts';

/**
 * Where there is no key yet: states and codes can be read; nothing is believed, and no row that carries a MAC is
 * written.
 */
export const CLOSED: Sealer = {
  closed: true,
  seal: () => {
    throw new JitsuinError(
      'key.seal-missing',
      'This command was started without the seal key (JITSUIN_SEAL_KEY_FILE), so that it seals nothing.',
    );
  },
  open: () => {
    throw new JitsuinError(
      'key.seal-missing',
      'This command was started without the seal key (JITSUIN_SEAL_KEY_FILE), so that it opens nothing.',
    );
  },
  mac: () => {
    throw new JitsuinError('key.seal-missing', 'This command needs the seal key (JITSUIN_SEAL_KEY_FILE).');
  },
  isMac: () => false,
};

type Settings = Pick<CommandIo, 'env' | 'origins'>;
type Act<T> = (store: Store) => Promise<T>;

/** Opens the store of a role, runs `act` on it and closes it; with the seal key where the role has one already. */
export async function withStore<T>(io: Settings, role: StoreRole, act: Act<T>): Promise<T> {
  const config = storageConfig(io.env, role, io);
  const sealer = existsSync(config.sealKeyFile) ? await openSealer(config) : CLOSED;
  return acting(config, { role, sealer }, act);
}

/** The same before the schema is up to date. */
export async function withUnmigratedStore<T>(io: Settings, role: StoreRole, act: Act<T>): Promise<T> {
  const config = storageConfig(io.env, role, io);
  const sealer = existsSync(config.sealKeyFile) ? await openSealer(config) : CLOSED;
  return acting(config, { role, sealer, migrations: 'skip' }, act);
}

/** The same for who reads what is sealed: the seal key must be there. */
export async function withOpenedStore<T>(io: Settings, role: StoreRole, act: Act<T>): Promise<T> {
  const config = storageConfig(io.env, role, io);
  return acting(config, { role, sealer: await openSealer(config) }, act);
}

/** The same for who opens nothing: no key is asked of a KMS. */
export async function withClosedStore<T>(io: Settings, role: StoreRole, act: Act<T>): Promise<T> {
  return acting(storageConfig(io.env, role, io), { role, sealer: CLOSED }, act);
}

type How = Pick<StoreOptions, 'role' | 'sealer' | 'migrations' | 'putBack'>;

/** What opens the store that the settings name, with two connections. */
export function storeOptions(config: StorageConfig, how: How): StoreOptions {
  const { databaseUrl, databaseSchema, dataDir } = config;
  const place = databaseUrl === undefined ? { dataDir } : defined({ databaseUrl, schema: databaseSchema });
  return { migrations: 'require', ...place, ...how, clock: systemClock, poolSize: 2 };
}

async function acting<T>(config: StorageConfig, how: How, act: Act<T>): Promise<T> {
  const store = await openStore(storeOptions(config, how));
  try {
    return await act(store);
  } finally {
    await store.close();
  }
}
