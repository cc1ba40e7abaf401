import { pathToFileURL } from 'node:url';
import { JitsuinError } from '../../core/errors.ts';
import type { DecryptionKeys } from '../../ports/decryption-key.ts';

/** What a module that brings decryption keys from elsewhere exports (samples/decryption-keys/README.md). */
interface KeysModule {
  openDecryptionKeys(options: { readonly environment: 'test' | 'production' }): Promise<DecryptionKeys>;
}

/**
 * Opens the decryption keys of an operator's own module: an HSM or KMS in the place of the keystore file. The
 * module runs with all rights of this process.
 * @param path absolute or from the working directory
 * @throws JitsuinError `config.invalid`
 */
export async function openPfKeysModule(
  path: string,
  environment: 'test' | 'production',
): Promise<DecryptionKeys> {
  try {
    const loaded: unknown = await import(pathToFileURL(path).href);
    if (isKeysModule(loaded)) {
      const keys: unknown = await loaded.openDecryptionKeys({ environment });
      if (areKeys(keys)) return keys;
    }
  } catch (cause) {
    throw invalid(cause);
  }
  throw invalid();
}

function isKeysModule(value: unknown): value is KeysModule {
  return hasFunctions(value, 'openDecryptionKeys');
}

function areKeys(value: unknown): value is DecryptionKeys {
  return hasFunctions(value, 'find', 'usable');
}

function hasFunctions(value: unknown, ...names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
}

function invalid(cause?: unknown): JitsuinError {
  const message =
    'The module of JITSUIN_PF_KEYS_MODULE does not give decryption keys: see samples/decryption-keys.';
  return new JitsuinError('config.invalid', message, { at: 'JITSUIN_PF_KEYS_MODULE', cause });
}
