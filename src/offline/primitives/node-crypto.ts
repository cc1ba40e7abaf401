/**
 * Stands for `node:crypto` in the page, as far as `core` and `verifier` use it to hash and to verify: the same names
 * over @noble/curves, @noble/hashes and micro-rsa-dsa-dh (decisions/offline-verifier.md). It holds no secret.
 */
import { equalBytes } from '@noble/curves/utils.js';
import { hashNamed } from './hashes.ts';
import { Buffer } from './node-buffer.ts';

export { createPublicKey } from './public-key.ts';
export { constants, publicDecrypt, verify } from './verify.ts';

type Encoding = 'hex' | 'base64' | 'base64url' | 'buffer';

class PageHash {
  private readonly state: ReturnType<ReturnType<typeof hashNamed>['create']>;

  constructor(name: string) {
    this.state = hashNamed(name).create();
  }

  update(data: Uint8Array | string, encoding?: string): this {
    this.state.update(octetsOf(data, encoding));
    return this;
  }

  digest(encoding?: Encoding): Uint8Array | string {
    return written(this.state.digest(), encoding);
  }
}

export function createHash(name: string): PageHash {
  return new PageHash(name);
}

export function hash(
  name: string,
  data: Uint8Array | string,
  encoding: Encoding = 'hex',
): Uint8Array | string {
  return written(hashNamed(name)(octetsOf(data)), encoding);
}

/** Nothing here is secret. */
export function timingSafeEqual(left: Uint8Array, right: Uint8Array): boolean {
  return equalBytes(Uint8Array.from(left), Uint8Array.from(right));
}

/** The room of the public log can sign too; the page cannot. */
export function sign(): never {
  throw new Error('The page signs nothing.');
}

function octetsOf(data: Uint8Array | string, encoding?: string): Uint8Array {
  return typeof data === 'string' ? Buffer.from(data as never, encoding as never) : data;
}

function written(octets: Uint8Array, encoding: Encoding = 'buffer'): Uint8Array | string {
  const made = new Buffer(octets);
  return encoding === 'buffer' ? made : made.toString(encoding);
}
