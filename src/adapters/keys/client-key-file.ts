import { JitsuinError } from '../../core/errors.ts';
import type { ClientKeys } from '../../ports/client-keys.ts';
import {
  type ClientKeyRing,
  type ClientPublicJwk,
  createClientKeys,
  type KeyEnvironment,
  publicClientKey,
  readClientKeyRing,
} from './client-key.ts';
import { readKeyFile } from './key-file.ts';

interface LoadedClientKeys {
  readonly clientKeys: ClientKeys;
  /** kid of the key that signs. */
  readonly active: string;
  /** Every key of the file, public halves only: what must be registered with the Digital Agency. */
  readonly publicKeys: readonly ClientPublicJwk[];
}

/**
 * Client keys of private_key_jwt from a key file (see `ClientKeyRing`), mode 600. `environment`: the one of this
 * process; keys made for the other are refused.
 * @throws JitsuinError `config.key-mode`, `config.invalid`, `config.environment-mixed`
 */
export async function loadClientKeys(path: string, environment?: KeyEnvironment): Promise<LoadedClientKeys> {
  const ring = await loadClientKeyRing(path);
  if (environment !== undefined && ring.environment !== undefined && ring.environment !== environment) {
    const message = `The client key was made for "${ring.environment}", this process is for "${environment}".`;
    throw new JitsuinError('config.environment-mixed', message, { at: path });
  }
  return {
    clientKeys: createClientKeys(ring),
    active: ring.active,
    publicKeys: ring.keys.map(publicClientKey),
  };
}

/** The ring itself, private keys included: for rotation by the command line only. */
export async function loadClientKeyRing(path: string): Promise<ClientKeyRing> {
  return readClientKeyRing(await readKeyFile(path));
}
