import type { SigningMode } from '../brand.ts';
import { type SigningHash, signingDigest, signingInput } from '../digest/signing-input.ts';
import { JitsuinError } from '../errors.ts';
import type { PreparedDetached } from './prepared-signature.ts';
import { readDetachedState, writeDetachedState } from './prepared-state.ts';
import { signedFormOf } from './signed-forms.ts';

/**
 * Prepares any file for a signature over its octets as they are; nothing is canonicalized and nothing embedded.
 * @param octets the file
 * @param mode `digest`: the service hashes again, verifies over the octets of the hash; `digest-info`: verifies over
 * the file, so that the signature means what the file's octets mean wherever such octets are signed
 * @param hash what the card hashes with; SHA-384 only for the next one
 * @throws JitsuinError `xmldsig.mode` for octets that some standard signs, in mode `digest-info`
 */
export function prepareDetached(
  octets: Uint8Array,
  mode: SigningMode,
  hash: SigningHash = 'sha256',
): PreparedDetached {
  const form = mode === 'digest-info' ? signedFormOf(octets) : undefined;
  if (form !== undefined) {
    throw new JitsuinError(
      'xmldsig.mode',
      `The file is of a form that is signed elsewhere (${form}); only mode "digest" signs it as a file.`,
      { at: 'mode' },
    );
  }
  return prepared(mode, signingDigest(hash, octets));
}

/** Restores what `prepareDetached` returned, from its `state`. @throws JitsuinError `xmldsig.state` */
export function resumePreparedDetached(state: string): PreparedDetached {
  const stored = readDetachedState(state);
  const restored = prepared(stored.mode, stored.digest);
  if (restored.data !== stored.data) {
    throw new JitsuinError('xmldsig.state', 'The stored data does not belong to the stored digest.');
  }
  return restored;
}

function prepared(mode: SigningMode, digest: Uint8Array): PreparedDetached {
  const data = signingInput(mode, digest);
  return { profile: 'detached', mode, digest, data, state: writeDetachedState({ mode, digest, data }) };
}
