import { ed25519 } from '@noble/curves/ed25519.js';
import { mgf1, PKCS1_SHA1, PKCS1_SHA256, PKCS1_SHA384, PKCS1_SHA512, PSS } from 'micro-rsa-dsa-dh/rsa.js';
import { I2OSP, OS2IP, pow } from 'micro-rsa-dsa-dh/utils.js';
import { hashNamed } from './hashes.ts';
import { curveOf, PageKey } from './public-key.ts';

/** Of `node:crypto`, with its values. */
export const constants = {
  RSA_PKCS1_PADDING: 1,
  RSA_NO_PADDING: 3,
  RSA_PKCS1_PSS_PADDING: 6,
  RSA_PSS_SALTLEN_DIGEST: -1,
  RSA_PSS_SALTLEN_AUTO: -2,
} as const;

const PKCS1 = { sha1: PKCS1_SHA1, sha256: PKCS1_SHA256, sha384: PKCS1_SHA384, sha512: PKCS1_SHA512 };

interface Ways {
  readonly key: PageKey;
  readonly padding?: number;
  readonly saltLength?: number;
  readonly dsaEncoding?: 'der' | 'ieee-p1363';
}

/** `verify` of `node:crypto`. @throws Error for a key that OpenSSL does not compute with either */
export function verify(
  hash: string | null,
  data: Uint8Array,
  given: PageKey | Ways,
  signature: Uint8Array,
): boolean {
  const ways = given instanceof PageKey ? { key: given } : given;
  const { key } = ways.key;
  const value = Uint8Array.from(signature);
  const octets = Uint8Array.from(data);
  switch (key.type) {
    case 'ed25519':
      return ed25519.verify(value, octets, key.raw, { zip215: false });
    case 'ec': {
      const format = ways.dsaEncoding === 'ieee-p1363' ? 'compact' : 'der';
      const digest = hashNamed(hash ?? '')(octets);
      return curveOf(key.name).verify(value, digest, key.point, { prehash: false, lowS: false, format });
    }
    case 'rsa':
      return verifyRsa(hash ?? '', octets, ways, value);
    case 'dsa':
      throw new Error('The page verifies no DSA.');
  }
}

function verifyRsa(hash: string, octets: Uint8Array, ways: Ways, value: Uint8Array): boolean {
  const key = rsaKey(ways.key);
  if (ways.padding !== constants.RSA_PKCS1_PSS_PADDING) {
    hashNamed(hash);
    return PKCS1[hash as keyof typeof PKCS1].verify(key, octets, value);
  }
  const { saltLength = constants.RSA_PSS_SALTLEN_AUTO } = ways;
  const used = hashNamed(hash);
  const salts =
    saltLength === constants.RSA_PSS_SALTLEN_AUTO
      ? Array.from({ length: Math.max(0, value.length - used.outputLen - 1) }, (_, length) => length)
      : [saltLength === constants.RSA_PSS_SALTLEN_DIGEST ? used.outputLen : saltLength];
  return salts.some((length) => PSS(used, mgf1(used), length).verify(key, octets, value));
}

/** `publicDecrypt` without padding: what an RSA value says. */
export function publicDecrypt({ key }: Ways, octets: Uint8Array): Uint8Array {
  const { n, e } = rsaKey(key);
  const value = OS2IP(Uint8Array.from(octets));
  if (value >= n) throw new Error('The value is larger than the modulus.');
  return I2OSP(pow(value, e, n), octets.length);
}

const LONGEST_MODULUS = 16_384;
const LONG_MODULUS = 3072;
const LONGEST_EXPONENT = 1n << 64n;

/** The bounds of OpenSSL, which computes nothing with an even modulus either. */
function rsaKey({ key }: PageKey): { readonly n: bigint; readonly e: bigint } {
  if (key.type !== 'rsa') throw new Error('An RSA key is needed.');
  const { n, e } = key;
  const bits = n.toString(2).length;
  const costly = bits > LONGEST_MODULUS || (bits > LONG_MODULUS && e >= LONGEST_EXPONENT);
  if (costly || e >= n || n % 2n === 0n) throw new Error('Nothing is computed with this RSA key.');
  return { n, e };
}
