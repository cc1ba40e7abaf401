import { createHash, hash, timingSafeEqual } from 'node:crypto';
import type { Sha256Digest } from '../brand.ts';
import { JitsuinError } from '../errors.ts';

export const SHA256_LENGTH = 32;

/** SHA-256 (FIPS 180-4) of octets in memory. */
export function sha256(octets: Uint8Array): Sha256Digest {
  return plain(hash('sha256', octets, 'buffer'));
}

/** SHA-256 of octets, or of a text in UTF-8, as 64 hexadecimal digits. */
export function hexSha256(value: Uint8Array | string): string {
  return hash('sha256', value, 'hex');
}

/** SHA-256 of octets that come in pieces; a sink for `canonicalize`. */
export class Sha256Sink {
  private readonly state = createHash('sha256');

  update(octets: Uint8Array): void {
    this.state.update(octets);
  }

  /** The digest of all octets; the sink cannot be used afterwards. */
  digest(): Sha256Digest {
    return plain(this.state.digest());
  }
}

/** Octets that claim to be a SHA-256 value. @throws JitsuinError `digest.length` unless they are 32 */
export function asSha256Digest(octets: Uint8Array): Sha256Digest {
  if (octets.length !== SHA256_LENGTH)
    throw new JitsuinError('digest.length', 'A SHA-256 value has 32 octets.');
  return plain(octets);
}

/** Whether two octet strings are equal, in a time that does not depend on where they differ. */
export function equalOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Whether two texts are equal, in a time that tells neither where they differ nor how long the secret one is. */
export function equalTexts(left: string, right: string): boolean {
  return timingSafeEqual(hash('sha256', left, 'buffer'), hash('sha256', right, 'buffer'));
}

function plain(octets: Uint8Array): Sha256Digest {
  return new Uint8Array(octets) as Sha256Digest;
}
