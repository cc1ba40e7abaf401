import type { Environment } from './names.ts';
import { type ReadingOptions, readSettings } from './read.ts';
import type { Settings } from './table.ts';
import { PLATFORM_OPERATOR } from './variables/pf.ts';
import { STORAGE } from './variables/storage.ts';

export type Pkcs11Use = 'decryption' | 'receipts';

/** The PKCS#11 token of a platform operator, and what it is for. */
export interface Pkcs11Config {
  readonly module: string;
  readonly token: string;
  readonly pinFile: string;
  readonly listFile: string;
  readonly sessions: number;
  readonly millis: number;
  readonly keys: ReadonlySet<Pkcs11Use>;
}

type Read = Pick<
  Settings<'pf'>,
  | 'pkcs11Module'
  | 'pkcs11Token'
  | 'pkcs11PinFile'
  | 'pkcs11ListFile'
  | 'pkcs11Sessions'
  | 'pkcs11Timeout'
  | 'pkcs11Keys'
>;

/** The settings as one record; undefined without JITSUIN_PKCS11_MODULE. */
export function pkcs11Of(read: Read): Pkcs11Config | undefined {
  const { pkcs11Module: module, pkcs11Token: token, pkcs11PinFile: pinFile } = read;
  if (module === undefined || token === undefined || pinFile === undefined) return undefined;
  return {
    module,
    token,
    pinFile,
    listFile: read.pkcs11ListFile,
    sessions: read.pkcs11Sessions,
    millis: read.pkcs11Timeout,
    keys: new Set(read.pkcs11Keys.filter((word) => word === 'decryption' || word === 'receipts')),
  };
}

/**
 * The same for a command, which needs nothing else of the role's settings.
 * @throws JitsuinError `config.invalid` naming the variable, never its value
 */
export function pkcs11Config(
  env: Environment,
  options: Omit<ReadingOptions, 'only'> = {},
): Pkcs11Config | undefined {
  const pkcs11 = Object.entries(PLATFORM_OPERATOR.variables).filter(([name]) =>
    name.startsWith('JITSUIN_PKCS11_'),
  );
  // the list's default lies in the data folder
  const only = Object.fromEntries([...Object.entries(STORAGE.variables), ...pkcs11]);
  return pkcs11Of(readSettings('pf', env, { ...options, only }));
}
