import { systemClock } from '../adapters/clock.ts';
import { openSealer } from '../adapters/keys/seal-keys.ts';
import { openStore, type Store } from '../adapters/store/open-store.ts';
import { storageConfig } from '../config/storage.ts';
import type { CommandIo } from './command.ts';

/** Opens the store of a role with its sealing key, so that what is sealed can be read, runs `act` on it and closes it. */
export async function withOpenedStore<T>(
  io: CommandIo,
  role: 'pf' | 'gov',
  act: (store: Store) => Promise<T>,
): Promise<T> {
  const config = storageConfig(io.env, role, io);
  const { databaseUrl, databaseSchema, dataDir } = config;
  const schema = databaseSchema === undefined ? {} : { schema: databaseSchema };
  const place = databaseUrl === undefined ? { dataDir } : { databaseUrl, ...schema };
  const sealer = await openSealer(config);
  const store = await openStore({
    ...place,
    role,
    sealer,
    clock: systemClock,
    migrations: 'require',
    poolSize: 2,
  });
  try {
    return await act(store);
  } finally {
    await store.close();
  }
}
