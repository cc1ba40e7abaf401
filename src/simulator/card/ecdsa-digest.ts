import { createECDH, type KeyObject, randomBytes } from 'node:crypto';

/** Order of the group of P-384 (FIPS 186-5; SEC 2 section 2.5.1). */
const N = BigInt(
  '0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
);
const OCTETS = 48;

/**
 * ECDSA on P-384 over a hash that somebody else made, as a card does it (FIPS 186-5 section 6.4.1). node:crypto signs
 * nothing but what it hashed itself, so the point k × G comes from its ECDH, and the two scalars from here. For
 * pretended cards only: nothing here runs in constant time.
 * @returns r ‖ s, 96 octets
 */
export function signDigest(key: KeyObject, digest: Uint8Array): Buffer {
  const d = scalar(Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url'));
  const e = scalar(digest.subarray(0, OCTETS));
  for (;;) {
    const ephemeral = createECDH('secp384r1');
    const k = scalar(randomBytes(OCTETS));
    if (k === 0n || k >= N) continue;
    ephemeral.setPrivateKey(octets(k));
    const r = scalar(ephemeral.getPublicKey().subarray(1, 1 + OCTETS)) % N;
    const s = (inverse(k) * (e + r * d)) % N;
    if (r !== 0n && s !== 0n) return Buffer.concat([octets(r), octets(s)]);
  }
}

function scalar(bigEndian: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bigEndian).toString('hex')}`);
}

function octets(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * OCTETS, '0'), 'hex');
}

/** Of a number of the group, by the extended algorithm of Euclid. */
function inverse(value: bigint): bigint {
  let [a, b, x, y] = [value, N, 1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a % b];
    [x, y] = [y, x - quotient * y];
  }
  return ((x % N) + N) % N;
}
