import { join, resolve } from 'node:path';
import { defined } from '../core/defined.ts';
import { JitsuinError } from '../core/errors.ts';

/** The programs that keep a store. */
export type StoreRole = 'sp' | 'gov' | 'pf';

export interface StorageConfig {
  readonly role: StoreRole;
  /** PostgreSQL; absent: the embedded SQLite file in `dataDir`. */
  readonly databaseUrl?: string;
  /** PostgreSQL schema; absent: `jitsuin_<role>`. */
  readonly databaseSchema?: string;
  readonly dataDir: string;
  /** BullMQ on Redis or Valkey; absent: the SQL queue. */
  readonly redisUrl?: string;
  readonly sealKeyFile: string;
  /** ES module of a KMS that wraps the keys of `sealKeyFile`; absent: they lie in clear. */
  readonly sealKmsModule?: string;
}

/**
 * Where a role keeps its data, from the environment: DATABASE_URL, JITSUIN_DATABASE_SCHEMA, JITSUIN_DATA_DIR (default
 * `./data`), REDIS_URL, JITSUIN_SEAL_KEY_FILE (default `<data dir>/<role>.seal-key.json`), JITSUIN_SEAL_KMS_MODULE.
 * @throws JitsuinError `config.invalid` naming the variable, never its value
 */
export function storageConfig(
  env: Readonly<Record<string, string | undefined>>,
  role: StoreRole,
): StorageConfig {
  const dataDir = resolve(value(env, 'JITSUIN_DATA_DIR') ?? 'data');
  const databaseUrl = url(env, 'DATABASE_URL', ['postgres:', 'postgresql:']);
  const databaseSchema = value(env, 'JITSUIN_DATABASE_SCHEMA');
  const sealKmsModule = value(env, 'JITSUIN_SEAL_KMS_MODULE');
  const redisUrl = url(env, 'REDIS_URL', ['redis:', 'rediss:']);
  return defined({
    role,
    dataDir,
    sealKeyFile: value(env, 'JITSUIN_SEAL_KEY_FILE') ?? join(dataDir, `${role}.seal-key.json`),
    databaseUrl,
    databaseSchema,
    redisUrl,
    sealKmsModule,
  });
}

function value(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const text = env[name];
  return text === undefined || text === '' ? undefined : text;
}

function url(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  protocols: readonly string[],
): string | undefined {
  const text = value(env, name);
  if (text === undefined) return undefined;
  if (!URL.canParse(text) || !protocols.includes(new URL(text).protocol)) {
    throw new JitsuinError(
      'config.invalid',
      `${name} must be a URL that begins with ${protocols.join('// or ')}//.`,
      {
        at: name,
      },
    );
  }
  return text;
}
