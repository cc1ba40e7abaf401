import { constants, type KeyObject, verify } from 'node:crypto';

import type { AlgorithmIdentifier, Certificate } from './certificate-types.ts';
import { contextConstructed, type DerReader, openDer, TAG } from './der.ts';
import { nullValue, oidValue, smallInteger } from './der-values.ts';

export type HashName = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** A signature algorithm that this software can verify. */
export type SignatureScheme =
  | { readonly type: 'rsa-pkcs1' | 'ecdsa' | 'dsa'; readonly hash: HashName }
  | { readonly type: 'rsa-pss'; readonly hash: HashName; readonly saltLength: number }
  | { readonly type: 'ed25519' };

/** RFC 3279, RFC 4055, RFC 5758, RFC 8410. MD2 and MD5 are not here: they cannot be verified at all. */
const SCHEMES: ReadonlyMap<string, SignatureScheme> = new Map<string, SignatureScheme>([
  ['1.2.840.113549.1.1.5', { type: 'rsa-pkcs1', hash: 'sha1' }],
  ['1.2.840.113549.1.1.11', { type: 'rsa-pkcs1', hash: 'sha256' }],
  ['1.2.840.113549.1.1.12', { type: 'rsa-pkcs1', hash: 'sha384' }],
  ['1.2.840.113549.1.1.13', { type: 'rsa-pkcs1', hash: 'sha512' }],
  ['1.2.840.10045.4.1', { type: 'ecdsa', hash: 'sha1' }],
  ['1.2.840.10045.4.3.2', { type: 'ecdsa', hash: 'sha256' }],
  ['1.2.840.10045.4.3.3', { type: 'ecdsa', hash: 'sha384' }],
  ['1.2.840.10045.4.3.4', { type: 'ecdsa', hash: 'sha512' }],
  ['1.2.840.10040.4.3', { type: 'dsa', hash: 'sha1' }],
  ['1.3.101.112', { type: 'ed25519' }],
]);

const RSASSA_PSS = '1.2.840.113549.1.1.10';
const MGF1 = '1.2.840.113549.1.1.8';
const HASHES: ReadonlyMap<string, { readonly name: HashName; readonly octets: number }> = new Map([
  ['2.16.840.1.101.3.4.2.1', { name: 'sha256', octets: 32 }],
  ['2.16.840.1.101.3.4.2.2', { name: 'sha384', octets: 48 }],
  ['2.16.840.1.101.3.4.2.3', { name: 'sha512', octets: 64 }],
]);

/** The scheme of an AlgorithmIdentifier with exactly the parameters its standard asks for; undefined when unknown. */
export function signatureScheme(algorithm: AlgorithmIdentifier): SignatureScheme | undefined {
  const { oid, parameters } = algorithm;
  if (oid === RSASSA_PSS) return parameters === undefined ? undefined : pssScheme(parameters);
  const scheme = SCHEMES.get(oid);
  if (parameters === undefined) return scheme;
  const isNull = parameters.length === 2 && parameters[0] === TAG.null;
  return scheme?.type === 'rsa-pkcs1' && isNull ? scheme : undefined;
}

/** RSASSA-PSS-params (RFC 4055 section 3.1) with one hash for both, a salt of its length and trailer field 1. */
function pssScheme(parameters: Uint8Array): SignatureScheme | undefined {
  try {
    const sequence = openDer(parameters, TAG.sequence);
    const hash = pssHash(sequence.read(contextConstructed(0)).read(TAG.sequence));
    const mask = sequence.read(contextConstructed(1)).read(TAG.sequence);
    const isMgf1 = oidValue(mask.read(TAG.oid)) === MGF1;
    const maskHash = pssHash(mask.read(TAG.sequence));
    const saltLength = smallInteger(sequence.read(contextConstructed(2)).read(TAG.integer));
    sequence.finish();
    if (!isMgf1 || hash === undefined || hash !== maskHash || saltLength !== hash.octets) return undefined;
    return { type: 'rsa-pss', hash: hash.name, saltLength };
  } catch {
    return undefined;
  }
}

function pssHash(sequence: DerReader) {
  const oid = oidValue(sequence.read(TAG.oid));
  if (!sequence.exhausted) nullValue(sequence.read(TAG.null));
  sequence.finish();
  return HASHES.get(oid);
}

const KEY_TYPE: Readonly<Record<SignatureScheme['type'], string>> = {
  'rsa-pkcs1': 'rsa',
  'rsa-pss': 'rsa',
  ecdsa: 'ec',
  dsa: 'dsa',
  ed25519: 'ed25519',
};

/**
 * Verifies a signature with node:crypto. The scheme comes from policy-checked data, never from the key.
 * @returns whether it verifies; a key of another type is `false`, not an exception
 */
export function verifySignature(
  scheme: SignatureScheme,
  key: KeyObject,
  signed: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (key.asymmetricKeyType !== KEY_TYPE[scheme.type]) return false;
  try {
    if (scheme.type === 'ed25519') return verify(null, signed, key, signature);
    if (scheme.type !== 'rsa-pss') return verify(scheme.hash, signed, key, signature);
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    return verify(scheme.hash, signed, { key, padding, saltLength: scheme.saltLength }, signature);
  } catch {
    return false; // OpenSSL reports some malformed signatures as an error
  }
}

/** `verifySignature` with the key of a certificate; a key that cannot be imported is `false`. */
export function verifiesWith(
  signer: Certificate,
  scheme: SignatureScheme,
  signed: Uint8Array,
  signature: Uint8Array,
): boolean {
  let key: KeyObject;
  try {
    key = signer.publicKey();
  } catch {
    return false;
  }
  return verifySignature(scheme, key, signed, signature);
}
