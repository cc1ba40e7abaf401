import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { OS2IP } from 'micro-rsa-dsa-dh/utils.js';
import { fromBase64Url, toBase64Url } from '../../core/encoding.ts';
import { openDer, TAG } from '../../verifier/x509/der.ts';
import { unsignedOctets } from '../../verifier/x509/der-values.ts';

/** Curves by their JWK name, with the name that OpenSSL gives them. */
const CURVES = {
  'P-256': { curve: p256, openssl: 'prime256v1' },
  'P-384': { curve: p384, openssl: 'secp384r1' },
  'P-521': { curve: p521, openssl: 'secp521r1' },
} as const;

type Key =
  | { readonly type: 'rsa'; readonly n: bigint; readonly e: bigint; readonly modulus: Uint8Array }
  | { readonly type: 'ec'; readonly name: keyof typeof CURVES; readonly point: Uint8Array }
  | { readonly type: 'ed25519'; readonly raw: Uint8Array }
  | { readonly type: 'dsa' };

interface Jwk {
  readonly kty: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
}

export type KeyInput =
  | { readonly key: Uint8Array; readonly format: 'der'; readonly type: 'pkcs1' | 'spki' }
  | { readonly key: Jwk; readonly format: 'jwk' };

/** What the verifier sees of a `KeyObject`. */
export class PageKey {
  readonly type = 'public';
  readonly key: Key;

  constructor(key: Key) {
    this.key = key;
  }

  get asymmetricKeyType(): Key['type'] {
    return this.key.type;
  }

  get asymmetricKeyDetails() {
    const { key } = this;
    if (key.type === 'rsa') return { modulusLength: key.n.toString(2).length, publicExponent: key.e };
    return key.type === 'ec' ? { namedCurve: CURVES[key.name].openssl } : {};
  }

  /** Only what the verifier asks for: the modulus of an RSA key. */
  export(): { readonly kty: string; readonly n?: string } {
    const { key } = this;
    return key.type === 'rsa' ? { kty: 'RSA', n: toBase64Url(key.modulus) } : { kty: key.type };
  }
}

/** `createPublicKey` for the forms in which the verifier imports keys. @throws Error for a key that cannot be used */
export function createPublicKey(input: KeyInput): PageKey {
  if (input.format === 'jwk') return new PageKey(ofJwk(input.key));
  return new PageKey(input.type === 'pkcs1' ? ofPkcs1(input.key) : ofSpki(input.key));
}

export function curveOf(name: keyof typeof CURVES) {
  return CURVES[name].curve;
}

function ofPkcs1(der: Uint8Array): Key {
  const sequence = openDer(Uint8Array.from(der), TAG.sequence);
  const modulus = unsignedOctets(sequence.read(TAG.integer));
  const exponent = unsignedOctets(sequence.read(TAG.integer));
  sequence.finish();
  const plain = modulus[0] === 0 ? modulus.subarray(1) : modulus;
  return { type: 'rsa', n: OS2IP(plain), e: OS2IP(exponent), modulus: plain };
}

function ofJwk({ kty, crv = '', x = '', y = '' }: Jwk): Key {
  if (kty === 'OKP' && crv === 'Ed25519') return ofRaw(fromBase64Url(x));
  if (kty !== 'EC' || !isCurve(crv)) throw new Error(`The page imports no ${kty} key of ${crv}.`);
  const point = Uint8Array.of(4, ...fromBase64Url(x), ...fromBase64Url(y));
  CURVES[crv].curve.Point.fromBytes(point).assertValidity();
  return { type: 'ec', name: crv, point };
}

const ED25519_SPKI = 12;

/** Ed25519 of a public log; a DSA key is imported, and nothing verifies with it: no policy allows it. */
function ofSpki(der: Uint8Array): Key {
  const isEd25519 = der.length === ED25519_SPKI + 32 && der[7] === 0x65 && der[8] === 0x70;
  return isEd25519 ? ofRaw(der.slice(ED25519_SPKI)) : { type: 'dsa' };
}

function ofRaw(raw: Uint8Array): Key {
  if (raw.length !== ed25519.lengths.publicKey) throw new Error('An Ed25519 key has 32 octets.');
  return { type: 'ed25519', raw };
}

function isCurve(name: string): name is keyof typeof CURVES {
  return Object.hasOwn(CURVES, name);
}
