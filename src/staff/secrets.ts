import { hexSha256 } from '../core/digest/sha256.ts';
import { toBase64Url } from '../core/encoding.ts';
import type { Random } from '../ports/random.ts';

const SECRET = /^[A-Za-z0-9_-]{43}$/;
const SECRET_OCTETS = 32;

/** 256 random bits, base64url: what a cookie or an invitation carries. */
export function newSecret(random: Random): string {
  return toBase64Url(random.octets(SECRET_OCTETS));
}

/** Hex SHA-256 of a secret, which is all that is stored of it; undefined when it has not the form of one of ours. */
export function secretHash(secret: string | undefined): string | undefined {
  if (secret === undefined || !SECRET.test(secret)) return undefined;
  return hexSha256(secret);
}
