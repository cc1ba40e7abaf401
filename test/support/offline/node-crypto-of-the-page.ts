/**
 * `node:crypto` for src/core and src/verifier in tests: what the page has of it instead of what Node has
 * (src/offline/primitives). Tests make their keys with Node: such a key is carried over.
 */
import type { KeyObject } from 'node:crypto';
import {
  createPublicKey as importKey,
  type KeyInput,
  PageKey,
} from '../../../src/offline/primitives/public-key.ts';
import * as page from '../../../src/offline/primitives/verify.ts';

export * from 'node:crypto';
export { createHash, hash, timingSafeEqual } from '../../../src/offline/primitives/node-crypto.ts';

const carried = new WeakMap<KeyObject, PageKey>();

/** Keys of the page for what the verifier imports; private keys are the business of those who sign. */
export function createPublicKey(input: KeyInput | KeyObject): PageKey {
  return 'format' in input ? importKey(input) : pageKey(input);
}

type Given = KeyObject | PageKey | { readonly key: KeyObject | PageKey };

export function verify(hash: string | null, data: Uint8Array, given: Given, value: Uint8Array): boolean {
  return page.verify(hash, data, withPageKey(given) as PageKey, value);
}

export function publicDecrypt(given: { readonly key: KeyObject | PageKey }, octets: Uint8Array): Uint8Array {
  return page.publicDecrypt({ ...given, key: pageKey(given.key) }, octets);
}

function withPageKey(given: Given) {
  return 'key' in given && !(given instanceof PageKey)
    ? { ...given, key: pageKey(given.key) }
    : pageKey(given);
}

function pageKey(key: KeyObject | PageKey): PageKey {
  if (key instanceof PageKey) return key;
  const known = carried.get(key) ?? carriedOver(key);
  carried.set(key, known);
  return known;
}

function carriedOver(key: KeyObject): PageKey {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return importKey({ key: key.export({ format: 'der', type: 'pkcs1' }), format: 'der', type: 'pkcs1' });
    case 'dsa':
      return importKey({ key: key.export({ format: 'der', type: 'spki' }), format: 'der', type: 'spki' });
    default:
      return importKey({ key: key.export({ format: 'jwk' }) as never, format: 'jwk' });
  }
}
