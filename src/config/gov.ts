import { type LoginPart, loginPart } from './login.ts';
import type { Environment } from './names.ts';
import { type ConsolePart, consolePart, logPart, managementPart, type TsaPart, tsaPart } from './parts.ts';
import { type ReadingOptions, readSettings } from './read.ts';
import type { RelyingPartyConfig } from './relying-party.ts';
import type { Settings } from './table.ts';

/** An administrative agency verifies for itself. */
export type GovConfig = Settings<'gov'> &
  RelyingPartyConfig &
  LoginPart &
  ConsolePart &
  TsaPart & { readonly checkMethod: 'CRL' | 'OCSP' };

/**
 * Configuration of an agency.
 * @throws JitsuinError `config.invalid` with the variable's name in `at`, `config.environment-mixed`
 */
export function readGovConfig(env: Environment, options?: ReadingOptions): GovConfig {
  const read = readSettings('gov', env, options);
  const hasCrl = read.crlUrl !== undefined || read.crlDir !== undefined;
  return {
    ...read,
    ...logPart(read),
    ...managementPart(read),
    ...loginPart(read),
    ...consolePart(read),
    ...tsaPart(read),
    checkMethod: read.checkMethod ?? (hasCrl ? 'CRL' : 'OCSP'),
  };
}
