import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { deriveInt } from '../../derive.ts';
import { SIMULATOR_ONLY_AUTHORITY_KEYS } from './authority-keys.ts';
import { SIMULATOR_ONLY_CARD_KEYS } from './card-keys.ts';
import { SIMULATOR_ONLY_NEXT_CARD_KEY } from './next-card-key.ts';

export interface SimulatorKey {
  readonly privateKey: KeyObject;
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Buffer;
  /** SHA-1 of the subjectPublicKey bits (RFC 5280 section 4.2.1.2, method 1). */
  readonly keyIdentifier: Buffer;
}

/** The pretended authorities, each with a key of its own. */
const AUTHORITIES = [
  'sign-ca',
  'previous-sign-ca',
  'auth-ca',
  'sign-ocsp',
  'auth-ocsp',
  'tsa-root',
  'tsa',
  'access-token',
  'stranger',
] as const;

export type Authority = (typeof AUTHORITIES)[number];

/** The seed turns the pool; no two authorities of one seed share a key. */
export function authorityKey(seed: string, authority: Authority): SimulatorKey {
  return choose(SIMULATOR_ONLY_AUTHORITY_KEYS, seed, 'authority-keys', AUTHORITIES.indexOf(authority));
}

/** Key number `index` of the cards: 2n signs, 2n + 1 authenticates the holder of card n. */
export function cardKey(seed: string, index: number): SimulatorKey {
  return choose(SIMULATOR_ONLY_CARD_KEYS, seed, 'card-keys', index);
}

/** The one signing key of a next card. */
export function nextCardKey(): SimulatorKey {
  const privateKey = createPrivateKey(SIMULATOR_ONLY_NEXT_CARD_KEY);
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const bits = spki.subarray(-POINT_OCTETS);
  return { privateKey, spki, keyIdentifier: createHash('sha1').update(bits).digest() };
}

/** An uncompressed point of P-384, which an SPKI ends with. */
const POINT_OCTETS = 97;

function choose(pool: readonly string[], seed: string, label: string, index: number): SimulatorKey {
  const pem = pool[(deriveInt(seed, label, pool.length) + index) % pool.length];
  if (pem === undefined || index >= pool.length) throw new RangeError(`No simulator key number ${index}.`);
  const privateKey = createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  const bits = publicKey.export({ type: 'pkcs1', format: 'der' });
  return {
    privateKey,
    spki: publicKey.export({ type: 'spki', format: 'der' }),
    keyIdentifier: createHash('sha1').update(bits).digest(),
  };
}
