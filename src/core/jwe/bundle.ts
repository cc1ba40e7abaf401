/**
 * The bundle (署名用電子証明書と署名値): what stands inside the JWE for the platform operator and, in clear, in the result
 * for a government agency. The guideline says only that both are base64-encoded before encryption; the names are an
 * ASSUMPTION (facts/auth-and-sign-api.md section 10, number 2), kept here because `verifier` reads them too.
 * `adapters/auth-and-sign/wire.ts` hands them on. The first name is written, all names are accepted on reading.
 */
export const BUNDLE_MEMBERS = {
  certificate: ['certificate', 'sign_certificate'],
  signatureValue: ['signature', 'signature_value'],
} as const;

/** The only `alg` of the bundle: ECDH-ES in direct mode (guideline, 公開鍵について; RFC 7518 section 4.6). */
export const BUNDLE_ALG = 'ECDH-ES';

/** ASSUMPTION 2: `enc` is not documented. The simulator writes the first; a reader accepts all of the list. */
export const BUNDLE_ENC = ['A256GCM', 'A128GCM', 'A128CBC-HS256', 'A256CBC-HS512'] as const;
export type BundleEnc = (typeof BUNDLE_ENC)[number];

/** Longest accepted compact serialization, in characters: a bundle of certificate and signature has about 3,500. */
export const BUNDLE_MAX_LENGTH = 65_536;
