import { JitsuinError } from '../../core/errors.ts';
import type { KeyWrapper } from '../../ports/key-wrapper.ts';
import { openKeyWrapperModule } from './key-wrapper-module.ts';
import {
  createSealKeyFile,
  invalidSealKeyFile,
  isWrapped,
  newSealKey,
  readSealKeyFile,
  replaceSealKeyFile,
  type SealKey,
  type SealKeyFile,
  type WrappedSealKey,
} from './seal-key-file.ts';
import {
  createSealKey,
  type FileSealer,
  openFileSealer,
  openRingSealer,
  rotateSealKey,
} from './sealer-file.ts';
import { unwrapSealKey, wrapSealKey } from './wrapped-seal-key.ts';

/** Where the keys that seal lie, and the module of the KMS that wraps them; without one they lie in clear. */
export interface SealKeySettings {
  readonly sealKeyFile: string;
  readonly sealKmsModule?: string;
}

/**
 * Opens the Sealer. Wrapped keys are unwrapped once, here, and stay in memory; a key that a rotation adds later is
 * unwrapped beside the work, and until then the keys from before seal.
 * @throws JitsuinError `config.invalid` (file or module; wrapped keys without a module; keys in clear with one),
 * `key.unavailable` (the KMS), `seal.integrity` (the KMS gives other octets)
 */
export async function openSealer({ sealKeyFile, sealKmsModule }: SealKeySettings): Promise<FileSealer> {
  if (sealKmsModule === undefined) return openFileSealer(sealKeyFile);
  const first = wrappedKeys(sealKeyFile);
  const memory = new KeyMemory(await openKeyWrapperModule(sealKmsModule));
  await memory.load(first.keys);
  return openRingSealer(
    sealKeyFile,
    (key) => memory.secretOf(onlyWrapped(sealKeyFile, key)),
    (id) => memory.missing(id),
  );
}

/** Makes the file with one new active key; wrapped where there is a module. Never writes over a file. */
export async function makeSealKey({ sealKeyFile, sealKmsModule }: SealKeySettings): Promise<void> {
  if (sealKmsModule === undefined) {
    createSealKey(sealKeyFile);
    return;
  }
  const key = await wrapSealKey(await openKeyWrapperModule(sealKmsModule), newSealKey(new Date()));
  createSealKeyFile(sealKeyFile, { active: key.id, keys: [key] });
}

/** `rotateSealKey`, with the new key wrapped where there is a module. Returns its id. */
export async function rotateSealKeyAt({ sealKeyFile, sealKmsModule }: SealKeySettings): Promise<string> {
  if (sealKmsModule === undefined) return rotateSealKey(sealKeyFile);
  wrappedKeys(sealKeyFile);
  const key = await wrapSealKey(await openKeyWrapperModule(sealKmsModule), newSealKey(new Date()));
  const { keys } = wrappedKeys(sealKeyFile);
  replaceSealKeyFile(sealKeyFile, { active: key.id, keys: [...keys, key] });
  return key.id;
}

/** Wraps every key of the file that lies in clear. Returns their ids. @throws JitsuinError as `openSealer` */
export async function wrapSealKeys({
  sealKeyFile,
  sealKmsModule,
}: SealKeySettings): Promise<readonly string[]> {
  if (sealKmsModule === undefined) {
    const message = 'JITSUIN_SEAL_KMS_MODULE names no module: there is nothing to wrap keys with.';
    throw new JitsuinError('config.invalid', message, { at: 'JITSUIN_SEAL_KMS_MODULE' });
  }
  const { active, keys } = readSealKeyFile(sealKeyFile);
  const clear = keys.filter((key) => !isWrapped(key)).map(({ id }) => id);
  if (clear.length === 0) return clear;
  const wrapper = await openKeyWrapperModule(sealKmsModule);
  const all = await Promise.all(keys.map((key) => (isWrapped(key) ? key : wrapSealKey(wrapper, key))));
  replaceSealKeyFile(sealKeyFile, { active, keys: all });
  return clear;
}

function wrappedKeys(file: string): SealKeyFile & { readonly keys: readonly WrappedSealKey[] } {
  const { active, keys } = readSealKeyFile(file);
  return { active, keys: keys.map((key) => onlyWrapped(file, key)) };
}

function onlyWrapped(file: string, key: SealKey): WrappedSealKey {
  if (isWrapped(key)) return key;
  throw invalidSealKeyFile(file, 'holds a key in clear beside a KMS; run: jitsuin keys wrap --role ROLE');
}

/** Milliseconds before a KMS that failed is asked again. */
const PAUSE = 5_000;

/** Unwrapped keys by what they were unwrapped from. */
class KeyMemory {
  readonly #wrapper: KeyWrapper;
  readonly #secrets = new Map<string, Uint8Array>();
  readonly #awaited = new Set<string>();
  readonly #asked = new Map<string, number>();

  constructor(wrapper: KeyWrapper) {
    this.#wrapper = wrapper;
  }

  async load(keys: readonly WrappedSealKey[]): Promise<void> {
    await Promise.all(keys.map((key) => this.#unwrap(key)));
  }

  /** @throws JitsuinError `key.unavailable` while it is being unwrapped, which this begins */
  secretOf(key: WrappedSealKey): Uint8Array {
    const secret = this.#secrets.get(nameOf(key));
    if (secret !== undefined) return secret;
    this.#awaited.add(key.id);
    const now = Date.now();
    if (now - (this.#asked.get(nameOf(key)) ?? Number.NEGATIVE_INFINITY) >= PAUSE) {
      this.#asked.set(nameOf(key), now);
      this.#unwrap(key).catch(() => undefined);
    }
    throw this.missing(key.id);
  }

  /** A key that is in the file but not unwrapped yet comes by itself; one that is not there does not. */
  missing(id: string): JitsuinError {
    return this.#awaited.has(id)
      ? new JitsuinError('key.unavailable', `The seal key "${id}" is not unwrapped yet.`, { at: id })
      : new JitsuinError('key.not-found', `The seal key "${id}" is not in the key file.`, { at: id });
  }

  async #unwrap(key: WrappedSealKey): Promise<void> {
    this.#secrets.set(nameOf(key), await unwrapSealKey(this.#wrapper, key));
    this.#awaited.delete(key.id);
  }
}

function nameOf({ id, wrapped, check }: WrappedSealKey): string {
  return `${id} ${check} ${wrapped}`;
}
