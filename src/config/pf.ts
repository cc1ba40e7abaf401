import { join } from 'node:path';
import type { Environment } from './names.ts';
import {
  type ConsolePart,
  consolePart,
  type LogPart,
  logPart,
  type ManagementPart,
  managementPart,
  type TsaPart,
  tsaPart,
} from './parts.ts';
import { type ReadingOptions, readSettings } from './read.ts';
import type { Settings } from './table.ts';

/** One process serves one environment: keys, anchors and policies of test and production never mix. */
export type PfConfig = Settings<'pf'> &
  LogPart &
  ManagementPart &
  ConsolePart &
  TsaPart & { readonly keystorePassphraseFile: string };

/**
 * Reads and judges the configuration of the platform operator. Key files and the store have defaults under the data
 * folder (made when missing); trust anchors, tenants and, in production, the passphrase file have none.
 * @throws JitsuinError `config.invalid` with the variable's name (never its value) in `at`
 */
export function readPfConfig(env: Environment, options?: ReadingOptions): PfConfig {
  const read = readSettings('pf', env, options);
  return {
    ...read,
    ...logPart(read),
    ...managementPart(read),
    ...consolePart(read),
    ...tsaPart(read),
    keystorePassphraseFile: read.keystorePassphraseFile ?? join(read.dataDir, 'pf.keystore-passphrase'),
  };
}
