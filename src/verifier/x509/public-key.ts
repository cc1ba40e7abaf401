import { createPublicKey, type KeyObject } from 'node:crypto';

import { toBase64Url } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { SubjectPublicKeyInfo } from './certificate-types.ts';
import { openDer, TAG } from './der.ts';
import { integerOctets, oidValue } from './der-values.ts';

const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
const EC_PUBLIC_KEY = '1.2.840.10045.2.1';
const DSA = '1.2.840.10040.4.1';
const ED25519 = '1.3.101.112';

type CurveName = 'P-256' | 'P-384' | 'P-521';

/** Named curves (RFC 5480 section 2.1.1.1) with the octets of one coordinate. */
const CURVES: ReadonlyMap<string, { readonly name: CurveName; readonly size: number }> = new Map([
  ['1.2.840.10045.3.1.7', { name: 'P-256', size: 32 }],
  ['1.3.132.0.34', { name: 'P-384', size: 48 }],
  ['1.3.132.0.35', { name: 'P-521', size: 66 }],
]);

/** A public key split into its numbers, without importing it. */
export type PublicKeyParts =
  | { readonly type: 'rsa'; readonly bits: number; readonly exponent: number }
  | { readonly type: 'ec'; readonly curve: CurveName; readonly x: Uint8Array; readonly y: Uint8Array }
  | { readonly type: 'dsa' }
  | { readonly type: 'ed25519' };

/**
 * What kind of key this is, from its own octets.
 * @throws JitsuinError `certificate.key-policy` for any other algorithm, explicit curve parameters, compressed points
 */
export function publicKeyParts(info: SubjectPublicKeyInfo): PublicKeyParts {
  switch (info.algorithm.oid) {
    case RSA_ENCRYPTION:
      return rsaParts(info);
    case EC_PUBLIC_KEY:
      return ecParts(info);
    case DSA:
      if (info.algorithm.parameters === undefined) throw unusableKey('DSA key without parameters');
      return { type: 'dsa' };
    case ED25519:
      if (info.key.length !== 32 || info.algorithm.parameters !== undefined) throw unusableKey('Ed25519 key');
      return { type: 'ed25519' };
    default:
      throw unusableKey('public key algorithm');
  }
}

/**
 * Imports a key through the form that OpenSSL 3 decodes fastest: the PKCS#1 body of an RSA SPKI (30 times faster
 * than the SPKI), a JWK otherwise.
 * @throws JitsuinError `certificate.key-policy`
 */
export function importPublicKey(info: SubjectPublicKeyInfo): KeyObject {
  const parts = publicKeyParts(info);
  try {
    if (parts.type === 'rsa') {
      return createPublicKey({ key: Buffer.from(info.key), format: 'der', type: 'pkcs1' });
    }
    if (parts.type === 'dsa')
      return createPublicKey({ key: Buffer.from(info.der), format: 'der', type: 'spki' });
    const jwk =
      parts.type === 'ec'
        ? { kty: 'EC', crv: parts.curve, x: toBase64Url(parts.x), y: toBase64Url(parts.y) }
        : { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(info.key) };
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch (cause) {
    throw new JitsuinError('certificate.key-policy', 'The public key cannot be used.', { cause });
  }
}

/** RSAPublicKey ::= SEQUENCE { modulus, publicExponent } under rsaEncryption with NULL (RFC 3279 section 2.3.1). */
function rsaParts(info: SubjectPublicKeyInfo): PublicKeyParts {
  const { parameters } = info.algorithm;
  const isNull = parameters?.length === 2 && parameters[0] === TAG.null;
  if (!isNull) throw unusableKey('rsaEncryption parameters');
  const sequence = openKey(info.key);
  const modulus = positiveInteger(integerOctets(sequence.read(TAG.integer)));
  const exponent = positiveInteger(integerOctets(sequence.read(TAG.integer)));
  sequence.finish();
  if (exponent.length > 4) throw unusableKey('RSA exponent');
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  return { type: 'rsa', bits, exponent: exponent.reduce((sum, octet) => sum * 256 + octet, 0) };
}

function openKey(key: Uint8Array) {
  try {
    return openDer(key, TAG.sequence);
  } catch (cause) {
    throw new JitsuinError('certificate.key-policy', 'The RSA public key is not DER.', { cause });
  }
}

function positiveInteger(octets: Uint8Array): Uint8Array {
  const first = octets[0] ?? 0;
  if (first >= 0x80) throw unusableKey('negative RSA number');
  return first === 0 ? octets.subarray(1) : octets;
}

/** ECPoint, uncompressed, on a named curve (RFC 5480 section 2.2). */
function ecParts(info: SubjectPublicKeyInfo): PublicKeyParts {
  const { parameters } = info.algorithm;
  if (parameters === undefined || parameters[0] !== TAG.oid) throw unusableKey('curve parameters');
  const curve = CURVES.get(oidValue(openDer(parameters, TAG.oid)));
  if (curve === undefined) throw unusableKey('curve');
  const { size } = curve;
  if (info.key.length !== 1 + 2 * size || info.key[0] !== 0x04) throw unusableKey('EC point form');
  return { type: 'ec', curve: curve.name, x: info.key.subarray(1, 1 + size), y: info.key.subarray(1 + size) };
}

function unusableKey(what: string): JitsuinError {
  return new JitsuinError('certificate.key-policy', `Not an accepted ${what}.`);
}
