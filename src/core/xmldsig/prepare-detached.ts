import type { Sha256Digest, SigningMode } from '../brand.ts';
import { asSha256Digest, sha256 } from '../digest/sha256.ts';
import { signingInput } from '../digest/signing-input.ts';
import { JitsuinError } from '../errors.ts';
import type { PreparedDetached } from './prepared-signature.ts';
import { readDetachedState, writeDetachedState } from './prepared-state.ts';

/**
 * Prepares any file for a signature over its octets as they are; nothing is canonicalized and nothing embedded.
 * @param octets the file
 * @param mode `digest-info`: verifies over the file; `digest`: the service hashes again, verifies over the 32-octet hash
 */
export function prepareDetached(octets: Uint8Array, mode: SigningMode): PreparedDetached {
  return prepared(mode, sha256(octets));
}

/** Restores what `prepareDetached` returned, from its `state`. @throws JitsuinError `xmldsig.state` */
export function resumePreparedDetached(state: string): PreparedDetached {
  const stored = readDetachedState(state);
  const restored = prepared(stored.mode, asSha256Digest(stored.digest));
  if (restored.data !== stored.data) {
    throw new JitsuinError('xmldsig.state', 'The stored data does not belong to the stored digest.');
  }
  return restored;
}

function prepared(mode: SigningMode, digest: Sha256Digest): PreparedDetached {
  const data = signingInput(mode, digest);
  return { profile: 'detached', mode, digest, data, state: writeDetachedState({ mode, digest, data }) };
}
