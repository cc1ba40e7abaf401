import type { Environment } from './names.ts';
import { type ReadingOptions, readSettings } from './read.ts';
import type { Settings } from './table.ts';
import { STORAGE } from './variables/storage.ts';

/** The programs that keep a store. */
export type StoreRole = 'sp' | 'gov' | 'pf';

type StorageMember = (typeof STORAGE.variables)[keyof typeof STORAGE.variables]['member'];

/** Where a role keeps its data. */
export type StorageConfig = { readonly role: StoreRole } & Pick<Settings<StoreRole>, StorageMember>;

/**
 * Where a role keeps its data, read without the settings that only its programs need.
 * @throws JitsuinError `config.invalid` naming the variable, never its value
 */
export function storageConfig(
  env: Environment,
  role: StoreRole,
  options: Omit<ReadingOptions, 'only'> = {},
): StorageConfig {
  return { ...readSettings(role, env, { ...options, only: STORAGE.variables }), role };
}
