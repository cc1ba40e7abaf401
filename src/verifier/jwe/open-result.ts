import type { webcrypto } from 'node:crypto';
import { compactDecrypt } from 'jose/jwe/compact/decrypt';
import type { CompactJwe } from '../../core/brand.ts';
import { JitsuinError } from '../../core/errors.ts';
import { BUNDLE_ALG, BUNDLE_ENC } from '../../core/jwe/bundle.ts';
import { type BundleContent, readBundleContent } from './bundle-content.ts';
import { type BundleHeader, readBundleHeader } from './bundle-header.ts';
import { decryptWithSharedSecret } from './shared-secret.ts';

/** A private key of the platform operator, as `ports/decryption-key.ts` gives it. */
export type BundleKey = {
  readonly kid: string;
  readonly state: 'active' | 'overlap' | 'expired';
} & PrivateKeyUse;

/**
 * A key handed in, which jose uses, or one whose keeper gives nothing but the shared secret of an agreement (the
 * keystore does).
 */
type PrivateKeyUse =
  | { readonly key: webcrypto.CryptoKey }
  | { deriveSharedSecret(ephemeralKey: Uint8Array): Promise<Uint8Array> };

/** What the bundle held. Decrypting proves nothing about its origin: anyone can encrypt to a public key. */
export interface OpenedResult extends BundleContent {
  /** Which key opened it. */
  readonly kid: string;
}

/** With no `kid` in the header every usable key is tried; there are two while keys overlap. */
const MAX_TRIALS = 4;

/**
 * Opens a bundle. `keys` are the keys of its service and environment that the caller found: by `kid` when the header
 * names one, else all usable ones, active first.
 * @throws JitsuinError `jwe.form`, `jwe.header`, `jwe.key` (before any key is touched); `key.not-found` (no such
 * key here);
 * `key.state` (its key has expired); `key.unavailable` (its keeper does not give it now); `jwe.decrypt` (every failure
 * of the decryption itself, with one message); `jwe.content` (the plaintext is not the bundle)
 */
export async function openResult(jwe: CompactJwe, keys: readonly BundleKey[]): Promise<OpenedResult> {
  const header = readBundleHeader(jwe);
  const candidates = header.kid === undefined ? keys : keys.filter((key) => key.kid === header.kid);
  if (candidates.length === 0)
    throw new JitsuinError('key.not-found', 'No key of this service opens the bundle.');
  const usable = candidates.filter((key) => key.state !== 'expired').slice(0, MAX_TRIALS);
  if (usable.length === 0) throw new JitsuinError('key.state', 'The key of this bundle has expired.');
  for (const key of usable) {
    const plaintext = await decrypt(header, key);
    if (plaintext !== undefined && header.lengths === 'right')
      return { ...readBundleContent(plaintext), kid: key.kid };
  }
  throw new JitsuinError('jwe.decrypt', 'The JWE could not be decrypted.');
}

/** The plaintext; undefined for every failure of the bundle, so that nothing outside can tell them apart. */
async function decrypt(header: BundleHeader, key: BundleKey): Promise<Uint8Array | undefined> {
  const z = 'key' in key ? undefined : await sharedSecret(key, header);
  try {
    if (z !== undefined) return decryptWithSharedSecret(header, z);
    return 'key' in key ? await decryptWithJose(header.decryptable, key.key) : undefined;
  } catch {
    return undefined;
  }
}

async function decryptWithJose(jwe: CompactJwe, key: webcrypto.CryptoKey): Promise<Uint8Array> {
  const { plaintext } = await compactDecrypt(jwe, key, {
    keyManagementAlgorithms: [BUNDLE_ALG],
    contentEncryptionAlgorithms: [...BUNDLE_ENC],
    maxDecompressedLength: 0,
  });
  return plaintext;
}

const SHARED_SECRET_OCTETS = 32;

/**
 * The point was judged before: whatever fails here is of the place that keeps the key, and may be gone the next
 * time.
 */
async function sharedSecret(
  key: Exclude<BundleKey, { readonly key: unknown }>,
  { ephemeralKey }: BundleHeader,
): Promise<Uint8Array> {
  let z: Uint8Array | undefined;
  let cause: unknown;
  try {
    z = await key.deriveSharedSecret(ephemeralKey);
  } catch (thrown) {
    cause = thrown;
  }
  if (z?.length === SHARED_SECRET_OCTETS) return z;
  throw new JitsuinError(
    'key.unavailable',
    'The place that keeps the decryption key gave no shared secret.',
    {
      at: key.kid,
      cause,
    },
  );
}
