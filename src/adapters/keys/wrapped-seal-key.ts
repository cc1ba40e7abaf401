import { hkdfSync } from 'node:crypto';
import { equalOctets } from '../../core/digest/sha256.ts';
import { fromBase64Url, toBase64Url } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { KeyWrapper } from '../../ports/key-wrapper.ts';
import type { ClearSealKey, WrappedSealKey } from './seal-key-file.ts';

const KEY_OCTETS = 32;
const CHECK_OCTETS = 16;

/**
 * A key in clear → the same key as the KMS wrapped it. It is unwrapped once before it is believed: what cannot be
 * unwrapped would take all that it sealed with it.
 * @throws JitsuinError `key.unavailable` (the KMS), `config.invalid` (what it gave is no wrapped key), `seal.integrity`
 */
export async function wrapSealKey(wrapper: KeyWrapper, key: ClearSealKey): Promise<WrappedSealKey> {
  const secret = fromBase64Url(key.secret, 'secret');
  const given: unknown = await answered(() => wrapper.wrap(Uint8Array.from(secret), contextOf(key.id)));
  const { keyId, wrapped } = wrappedPart(given, secret);
  const { id, created_at } = key;
  const made = {
    id,
    created_at,
    kms_key: keyId,
    wrapped: toBase64Url(wrapped),
    check: toBase64Url(checkValue(secret, id)),
  };
  await unwrapSealKey(wrapper, made);
  return made;
}

/**
 * The octets of a wrapped key, judged by their length and the key check value.
 * @throws JitsuinError `key.unavailable` (the KMS throws), `seal.integrity` (other octets than were wrapped)
 */
export async function unwrapSealKey(wrapper: KeyWrapper, key: WrappedSealKey): Promise<Uint8Array> {
  const wrapped = { keyId: key.kms_key, wrapped: fromBase64Url(key.wrapped, 'wrapped') };
  const secret: unknown = await answered(() => wrapper.unwrap(wrapped, contextOf(key.id)));
  if (!(secret instanceof Uint8Array) || secret.length !== KEY_OCTETS) throw otherOctets(key.id);
  if (!equalOctets(checkValue(secret, key.id), fromBase64Url(key.check, 'check'))) {
    throw otherOctets(key.id);
  }
  return Uint8Array.from(secret);
}

/** What the KMS binds the key to: moved under another id, it does not unwrap. */
function contextOf(id: string): string {
  return `jitsuin-seal-key:${id}`;
}

/** HKDF-SHA256 (RFC 5869) with an `info` of its own: says nothing of the key and of what is derived from it to seal. */
function checkValue(secret: Uint8Array, id: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', `jitsuin seal key check 1 ${id}`, CHECK_OCTETS));
}

function wrappedPart(given: unknown, secret: Uint8Array): { keyId: string; wrapped: Uint8Array } {
  const { keyId, wrapped } = (typeof given === 'object' && given !== null ? given : {}) as {
    readonly keyId?: unknown;
    readonly wrapped?: unknown;
  };
  const named = typeof keyId === 'string' && keyId.length > 0 && keyId.length <= 2048;
  if (named && wrapped instanceof Uint8Array && wrapped.length > 0 && wrapped.length <= 32_768) {
    if (!Buffer.from(wrapped).includes(Buffer.from(secret))) return { keyId, wrapped };
  }
  const message = 'The module of JITSUIN_SEAL_KMS_MODULE gave no wrapped key: see samples/seal-keys.';
  throw new JitsuinError('config.invalid', message, { at: 'JITSUIN_SEAL_KMS_MODULE' });
}

async function answered<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    const message = 'The KMS of JITSUIN_SEAL_KMS_MODULE does not answer, or refuses the seal key.';
    throw new JitsuinError('key.unavailable', message, { at: 'JITSUIN_SEAL_KMS_MODULE', cause });
  }
}

function otherOctets(id: string): JitsuinError {
  const message =
    `The KMS gave other octets for the seal key "${id}" than it wrapped: is it the same KMS, and ` +
    'the file whole?';
  return new JitsuinError('seal.integrity', message, { at: id });
}
