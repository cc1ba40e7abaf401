import { pathToFileURL } from 'node:url';
import { JitsuinError } from '../../core/errors.ts';
import type { KeyWrapper } from '../../ports/key-wrapper.ts';

/** What a module that wraps seal keys in a KMS exports (samples/seal-keys/README.md). */
interface WrapperModule {
  openKeyWrapper(): Promise<KeyWrapper>;
}

/**
 * Opens an operator's own module that asks a KMS. It runs with all rights of this process.
 * @param path absolute or from the working directory
 * @throws JitsuinError `config.invalid`
 */
export async function openKeyWrapperModule(path: string): Promise<KeyWrapper> {
  try {
    const loaded: unknown = await import(pathToFileURL(path).href);
    if (isModule(loaded)) {
      const wrapper: unknown = await loaded.openKeyWrapper();
      if (isWrapper(wrapper)) return wrapper;
    }
  } catch (cause) {
    throw invalid(cause);
  }
  throw invalid();
}

function isModule(value: unknown): value is WrapperModule {
  return hasFunctions(value, 'openKeyWrapper');
}

function isWrapper(value: unknown): value is KeyWrapper {
  return hasFunctions(value, 'wrap', 'unwrap');
}

function hasFunctions(value: unknown, ...names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
}

function invalid(cause?: unknown): JitsuinError {
  const message = 'The module of JITSUIN_SEAL_KMS_MODULE does not wrap keys: see samples/seal-keys.';
  return new JitsuinError('config.invalid', message, { at: 'JITSUIN_SEAL_KMS_MODULE', cause });
}
