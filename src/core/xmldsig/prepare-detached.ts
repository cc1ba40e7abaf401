import type { Sha256Digest, SigningMode } from '../brand.ts';
import { asSha256Digest, sha256 } from '../digest/sha256.ts';
import { signingInput } from '../digest/signing-input.ts';
import { JitsuinError } from '../errors.ts';
import type { PreparedDetached } from './prepared-signature.ts';
import { readDetachedState, writeDetachedState } from './prepared-state.ts';
import { signedFormOf } from './signed-forms.ts';

/**
 * Prepares any file for a signature over its octets as they are; nothing is canonicalized and nothing embedded.
 * @param octets the file
 * @param mode `digest`: the service hashes again, verifies over the 32-octet hash; `digest-info`: verifies over the
 * file, so that the
 *   signature means what the file's octets mean wherever such octets are signed
 * @throws JitsuinError `xmldsig.mode` for octets that some standard signs, in mode `digest-info`
 */
export function prepareDetached(octets: Uint8Array, mode: SigningMode): PreparedDetached {
  const form = mode === 'digest-info' ? signedFormOf(octets) : undefined;
  if (form !== undefined) {
    throw new JitsuinError(
      'xmldsig.mode',
      `The file is of a form that is signed elsewhere (${form}); only mode "digest" signs it as a file.`,
      { at: 'mode' },
    );
  }
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
