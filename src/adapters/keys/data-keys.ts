import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { BoundedMap } from '../../core/bounded-map.ts';

/** Octets of the salt that stands beside each sealed value. */
export const SALT = 16;

/**
 * Values sealed under one data key. A random 96-bit IV meets itself among so many with a probability of 2^-73 (NIST SP
 * 800-38D section 8.3 allows 2^32 values).
 */
const VALUES_A_KEY = 4_096;
/** Data keys kept for opening; the columns of a row, and rows of the same time, share one. */
const KEYS_KEPT = 1_024;

interface DataKey {
  readonly salt: Uint8Array;
  readonly key: KeyObject;
  /** For making initialization vectors, and nothing else. */
  readonly ivKey: KeyObject;
}

/** The data keys of one key-encryption key. */
interface DataKeys {
  sealing: DataKey;
  sealed: number;
  /** By salt; the one that was needed first is forgotten first. */
  readonly opening: Map<string, KeyObject>;
}

const known = new WeakMap<Uint8Array, DataKeys>();

/** The data key that seals now, and the salt that it is found by again. A new one after 4,096 values. */
export function dataKeyForSealing(secret: Uint8Array): DataKey {
  const keys = dataKeysOf(secret);
  if (keys.sealed === VALUES_A_KEY) Object.assign(keys, { sealing: freshKey(secret), sealed: 0 });
  keys.sealed += 1;
  return keys.sealing;
}

export function dataKeyForOpening(secret: Uint8Array, salt: Uint8Array): KeyObject {
  const { opening } = dataKeysOf(secret);
  const name = Buffer.from(salt).toString('latin1');
  const key = opening.get(name) ?? derivedKey(secret, salt);
  if (!opening.has(name)) opening.set(name, key);
  return key;
}

function dataKeysOf(secret: Uint8Array): DataKeys {
  const found = known.get(secret);
  if (found !== undefined) return found;
  const fresh = {
    sealing: freshKey(secret),
    sealed: 0,
    opening: new BoundedMap<string, KeyObject>(KEYS_KEPT),
  };
  known.set(secret, fresh);
  return fresh;
}

function freshKey(secret: Uint8Array): DataKey {
  const salt = new Uint8Array(randomBytes(SALT));
  return { salt, key: derivedKey(secret, salt), ivKey: derivedKey(secret, salt, 'jitsuin seal iv 1') };
}

/** HKDF-SHA256 (RFC 5869) of the key-encryption key and the salt. */
function derivedKey(secret: Uint8Array, salt: Uint8Array, info = 'jitsuin seal 1'): KeyObject {
  return createSecretKey(new Uint8Array(hkdfSync('sha256', secret, salt, info, 32)));
}
