import { type LoginPart, loginPart } from './login.ts';
import type { Environment } from './names.ts';
import { type ConsolePart, consolePart, logPart, managementPart } from './parts.ts';
import { type ReadingOptions, readSettings } from './read.ts';
import type { RelyingPartyConfig } from './relying-party.ts';
import type { Settings } from './table.ts';

export type SpConfig = Settings<'sp'> & RelyingPartyConfig & LoginPart & ConsolePart;

/**
 * Configuration of an sp.
 * @throws JitsuinError `config.invalid`, `config.role-key` (a key of a platform operator is configured here),
 *   `config.environment-mixed`
 */
export function readSpConfig(env: Environment, options?: ReadingOptions): SpConfig {
  const read = readSettings('sp', env, options);
  return { ...read, ...logPart(read), ...managementPart(read), ...loginPart(read), ...consolePart(read) };
}
