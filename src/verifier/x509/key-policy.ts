import type { SubjectPublicKeyInfo } from './certificate-types.ts';
import { type PublicKeyParts, publicKeyParts } from './public-key.ts';
import type { SignatureScheme } from './signature-algorithm.ts';

/** Which keys and signature algorithms count, as data (RFC 8017, RFC 5480, RFC 8410). */
export interface KeyPolicy {
  readonly rsa: {
    readonly minimumBits: number;
    readonly maximumBits: number;
    /** Accepted public exponents; `'any-odd'` accepts every odd exponent of at least 3 (conformance suites only). */
    readonly exponents: readonly number[] | 'any-odd';
  };
  /** Accepted named curves; explicit parameters are always refused. */
  readonly curves: readonly ('P-256' | 'P-384' | 'P-521')[];
  readonly ed25519: 'allowed' | 'refused';
  /** Accepted hashes of certificate, CRL and OCSP signatures. */
  readonly hashes: readonly ('sha1' | 'sha256' | 'sha384' | 'sha512')[];
  readonly rsaPss: 'allowed' | 'refused';
  /** Verifiable only for the conformance suites, which still hold DSA certificates. */
  readonly dsa?: 'allowed' | 'refused';
}

/** JPKI of today (RSA-2048, SHA-256) and of the next card (P-384, SHA-384); no SHA-1, no PSS, no Edwards curves. */
export const JPKI_KEY_POLICY: KeyPolicy = {
  rsa: { minimumBits: 2048, maximumBits: 4096, exponents: [65537] },
  curves: ['P-256', 'P-384'],
  ed25519: 'refused',
  hashes: ['sha256', 'sha384', 'sha512'],
  rsaPss: 'refused',
};

/** Every algorithm this software verifies that is still sound; for TSAs and other PKIs. */
export const GENERAL_KEY_POLICY: KeyPolicy = {
  rsa: { minimumBits: 2048, maximumBits: 8192, exponents: [65537] },
  curves: ['P-256', 'P-384', 'P-521'],
  ed25519: 'allowed',
  hashes: ['sha256', 'sha384', 'sha512'],
  rsaPss: 'allowed',
};

/** @returns why the key is refused, or undefined when it is accepted */
export function keyRefusal(info: SubjectPublicKeyInfo, policy: KeyPolicy): string | undefined {
  let parts: PublicKeyParts;
  try {
    parts = publicKeyParts(info);
  } catch {
    return 'public key algorithm or form';
  }
  switch (parts.type) {
    case 'rsa':
      return rsaRefusal(parts.bits, parts.exponent, policy.rsa);
    case 'ec':
      return policy.curves.includes(parts.curve) ? undefined : `curve ${parts.curve}`;
    case 'dsa':
      return policy.dsa === 'allowed' ? undefined : 'DSA';
    case 'ed25519':
      return policy.ed25519 === 'allowed' ? undefined : 'Ed25519';
  }
}

function rsaRefusal(bits: number, exponent: number, rsa: KeyPolicy['rsa']): string | undefined {
  if (bits < rsa.minimumBits || bits > rsa.maximumBits) return `RSA modulus of ${bits} bits`;
  const accepted =
    rsa.exponents === 'any-odd' ? exponent >= 3 && exponent % 2 === 1 : rsa.exponents.includes(exponent);
  return accepted ? undefined : `RSA exponent ${exponent}`;
}

/** @returns why the signature algorithm is refused, or undefined when it is accepted */
export function schemeRefusal(scheme: SignatureScheme | undefined, policy: KeyPolicy): string | undefined {
  if (scheme === undefined) return 'signature algorithm';
  if (scheme.type === 'ed25519') return policy.ed25519 === 'allowed' ? undefined : 'Ed25519';
  if (scheme.type === 'rsa-pss' && policy.rsaPss === 'refused') return 'RSASSA-PSS';
  if (scheme.type === 'dsa' && policy.dsa !== 'allowed') return 'DSA';
  return policy.hashes.includes(scheme.hash) ? undefined : `signature hash ${scheme.hash}`;
}
