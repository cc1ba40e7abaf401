import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha224, sha256, sha384, sha512, sha512_256 } from '@noble/hashes/sha2.js';
import { sha3_256 } from '@noble/hashes/sha3.js';

/**
 * The hashes that the verifier may ask for, by their names in `node:crypto`; which of them count is its own business.
 * What explains a difference also tries those that nobody may sign with.
 */
const HASHES = {
  md5,
  sha1,
  sha224,
  sha256,
  sha384,
  sha512,
  'sha512-256': sha512_256,
  'sha3-256': sha3_256,
} as const;

/** @throws Error for a hash that is not here */
export function hashNamed(name: string) {
  if (!Object.hasOwn(HASHES, name)) throw new Error(`The page has no hash ${name}.`);
  return HASHES[name as keyof typeof HASHES];
}
