import { constants, type KeyObject, type VerifyKeyObjectInput, verify } from 'node:crypto';

/** One signature algorithm of XML Signature, known by its exact URI. */
export interface SignatureAlgorithm {
  readonly uri: string;
  readonly family: 'rsa-pkcs1' | 'rsa-pss' | 'ecdsa';
  /** Name of the hash for node:crypto. */
  readonly hash: 'sha1' | 'sha256' | 'sha384' | 'sha512';
}

const XMLDSIG = 'http://www.w3.org/2000/09/xmldsig#';
const MORE_2001 = 'http://www.w3.org/2001/04/xmldsig-more#';
const MORE_2007 = 'http://www.w3.org/2007/05/xmldsig-more#';

/** RSASSA-PKCS1-v1_5 with SHA-256: what the card of today signs (RFC 9231 section 2.3.2). */
export const RSA_SHA256 = `${MORE_2001}rsa-sha256`;

/**
 * What a Signature is prepared for, by its word in settings and options: RSASSA-PKCS1-v1_5 with SHA-256, the card of
 * today; ECDSA on P-384 with SHA-384 or SHA-256, the card announced for 2028 (its hash is not published).
 */
export const CARD_ALGORITHMS = {
  'rsa-sha256': { uri: RSA_SHA256, family: 'rsa-pkcs1', hash: 'sha256' },
  'ecdsa-sha256': { uri: `${MORE_2001}ecdsa-sha256`, family: 'ecdsa', hash: 'sha256' },
  'ecdsa-sha384': { uri: `${MORE_2001}ecdsa-sha384`, family: 'ecdsa', hash: 'sha384' },
} as const satisfies Readonly<Record<string, SignatureAlgorithm>>;

export type CardAlgorithm = keyof typeof CARD_ALGORITHMS;

/** Whether a text of a setting, an option or a stored state is such a word. */
export function isCardAlgorithm(word: unknown): word is CardAlgorithm {
  return typeof word === 'string' && Object.hasOwn(CARD_ALGORITHMS, word);
}

/** The algorithm of a card with this URI, or undefined. */
export function cardAlgorithm(uri: string): (typeof CARD_ALGORITHMS)[CardAlgorithm] | undefined {
  return Object.values(CARD_ALGORITHMS).find((algorithm) => algorithm.uri === uri);
}

/** SHA-256 (XML Encryption section 5.7.2), the one digest method of every profile. */
export const DIGEST_SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';

/**
 * Every signature algorithm that is accepted; one that is not here does not exist for us. RFC 9231 sections 2.3.2
 * to 2.3.4 (RSA PKCS#1), 2.3.6 (ECDSA) and 2.3.10 (RSASSA-PSS without parameters: MGF1 with the same hash, salt as
 * long as the hash).
 */
export const SIGNATURE_ALGORITHMS: readonly SignatureAlgorithm[] = [
  { uri: RSA_SHA256, family: 'rsa-pkcs1', hash: 'sha256' },
  { uri: `${MORE_2001}rsa-sha384`, family: 'rsa-pkcs1', hash: 'sha384' },
  { uri: `${MORE_2001}rsa-sha512`, family: 'rsa-pkcs1', hash: 'sha512' },
  { uri: `${MORE_2007}sha256-rsa-MGF1`, family: 'rsa-pss', hash: 'sha256' },
  { uri: `${MORE_2007}sha384-rsa-MGF1`, family: 'rsa-pss', hash: 'sha384' },
  { uri: `${MORE_2007}sha512-rsa-MGF1`, family: 'rsa-pss', hash: 'sha512' },
  { uri: `${MORE_2001}ecdsa-sha256`, family: 'ecdsa', hash: 'sha256' },
  { uri: `${MORE_2001}ecdsa-sha384`, family: 'ecdsa', hash: 'sha384' },
];

/**
 * No longer sound, and still computed: only so may a report say that a changed document is a changed one (RFC 9231,
 * RFC 3275).
 */
const WEAK_ALGORITHMS: readonly SignatureAlgorithm[] = [
  { uri: `${XMLDSIG}rsa-sha1`, family: 'rsa-pkcs1', hash: 'sha1' },
  { uri: `${MORE_2001}ecdsa-sha1`, family: 'ecdsa', hash: 'sha1' },
];

/** Digest methods that can be computed; the profiles accept SHA-256 alone. */
const DIGEST_METHODS: Readonly<Record<string, SignatureAlgorithm['hash']>> = {
  [`${XMLDSIG}sha1`]: 'sha1',
  [DIGEST_SHA256]: 'sha256',
  [`${MORE_2001}sha384`]: 'sha384',
  'http://www.w3.org/2001/04/xmlenc#sha512': 'sha512',
};

/** The hash that a DigestMethod names, also one that no profile accepts. */
export function digestHash(uri: string): SignatureAlgorithm['hash'] | undefined {
  return Object.hasOwn(DIGEST_METHODS, uri) ? DIGEST_METHODS[uri] : undefined;
}

/** The algorithm with this URI that is computed and not accepted. */
export function weakAlgorithm(uri: string): SignatureAlgorithm | undefined {
  return WEAK_ALGORITHMS.find((algorithm) => algorithm.uri === uri);
}

const BY_URI: ReadonlyMap<string, SignatureAlgorithm> = new Map(
  SIGNATURE_ALGORITHMS.map((algorithm) => [algorithm.uri, algorithm]),
);

/** The algorithm with exactly this URI (case and white space count), or undefined. */
export function signatureAlgorithm(uri: string): SignatureAlgorithm | undefined {
  return BY_URI.get(uri);
}

/** Which signer's keys are accepted, as data. */
const SIGNER_KEY_POLICY = {
  rsa: { minimumBits: 2048, maximumBits: 4096, exponent: 65_537n },
  /** OpenSSL curve name → octets of a coordinate. */
  curves: { prime256v1: 32, secp384r1: 48 } as Readonly<Record<string, number>>,
} as const;

/** A key that passed the policy, with what a signature value of it must look like. */
interface JudgedKey {
  readonly type: 'rsa' | 'ec';
  /** Exact length of a signature value in octets. */
  readonly signatureLength: number;
}

const judged = new WeakMap<KeyObject, JudgedKey | string>();

/**
 * Judges a signer's public key by SIGNER_KEY_POLICY, before any operation with it.
 * @returns undefined when accepted for the algorithm, else why not (for people; no key material)
 */
export function keyPolicyFault(publicKey: KeyObject, algorithm: SignatureAlgorithm): string | undefined {
  const key = judgeKey(publicKey);
  if (typeof key === 'string') return key;
  const needed = algorithm.family === 'ecdsa' ? 'ec' : 'rsa';
  return key.type === needed ? undefined : `The algorithm needs a key of type ${needed}, not ${key.type}.`;
}

/**
 * Verifies a raw signature value (RSA octets, or r ‖ s for ECDSA: XML Signature 1.1 section 6.4.3) over octets.
 * The key must have passed `keyPolicyFault`. RSA padding and DigestInfo are compared exactly by OpenSSL.
 */
export function verifySignatureValue(
  algorithm: SignatureAlgorithm,
  publicKey: KeyObject,
  octets: Uint8Array,
  value: Uint8Array,
): boolean {
  const key = judgeKey(publicKey);
  if (typeof key === 'string' || value.length !== key.signatureLength) return false;
  try {
    return verify(algorithm.hash, octets, keyInput(algorithm, publicKey), value);
  } catch {
    return false;
  }
}

/**
 * Whether a value is that of these octets, by any key that can compute it at bounded cost, sound or not. It names
 * what is wrong with a signature that is refused anyway; nothing is accepted by it.
 * @returns undefined when it cannot be computed
 */
export function computedSignature(
  algorithm: SignatureAlgorithm,
  publicKey: KeyObject,
  octets: Uint8Array,
  value: Uint8Array,
): boolean | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  if (type !== 'rsa' && type !== 'ec') return undefined;
  if ((algorithm.family === 'ecdsa') !== (type === 'ec')) return false;
  if (type === 'rsa' && isCostly(details)) return undefined;
  try {
    return verify(algorithm.hash, octets, keyInput(algorithm, publicKey), value);
  } catch {
    return undefined;
  }
}

/** A public exponent of more than these bits makes a verification as dear as a signature. */
const LONGEST_COMPUTED_EXPONENT = 1n << 33n;
const LONGEST_COMPUTED_BITS = 8192;

function isCostly(details: KeyObject['asymmetricKeyDetails']): boolean {
  const { modulusLength = 0, publicExponent = 0n } = details ?? {};
  return modulusLength > LONGEST_COMPUTED_BITS || publicExponent > LONGEST_COMPUTED_EXPONENT;
}

function keyInput(algorithm: SignatureAlgorithm, key: KeyObject): VerifyKeyObjectInput {
  switch (algorithm.family) {
    case 'rsa-pkcs1':
      return { key, padding: constants.RSA_PKCS1_PADDING };
    case 'rsa-pss':
      return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
    case 'ecdsa':
      return { key, dsaEncoding: 'ieee-p1363' };
  }
}

/** Octets of a raw signature value by this key; undefined for a key that is not accepted. */
export function rawValueLength(publicKey: KeyObject): number | undefined {
  const key = judgeKey(publicKey);
  return typeof key === 'string' ? undefined : key.signatureLength;
}

function judgeKey(publicKey: KeyObject): JudgedKey | string {
  const known = judged.get(publicKey);
  if (known !== undefined) return known;
  const verdict = judgeNewKey(publicKey);
  judged.set(publicKey, verdict);
  return verdict;
}

function judgeNewKey(publicKey: KeyObject): JudgedKey | string {
  if (publicKey.type !== 'public') return `A public key is needed, not a ${publicKey.type} one.`;
  if (publicKey.asymmetricKeyType === 'rsa') return judgeRsaKey(publicKey);
  if (publicKey.asymmetricKeyType === 'ec') return judgeEcKey(publicKey);
  return `Keys of type ${publicKey.asymmetricKeyType ?? 'unknown'} are not accepted.`;
}

function judgeRsaKey(publicKey: KeyObject): JudgedKey | string {
  const { minimumBits, maximumBits, exponent } = SIGNER_KEY_POLICY.rsa;
  const details = publicKey.asymmetricKeyDetails;
  const bits = details?.modulusLength ?? 0;
  if (bits < minimumBits || bits > maximumBits) {
    return `The RSA modulus has ${bits} bits; ${minimumBits} to ${maximumBits} are accepted.`;
  }
  if (details?.publicExponent !== exponent) return `The RSA public exponent is not ${exponent}.`;
  const modulus = Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url');
  if ((modulus.at(-1) ?? 0) % 2 === 0) return 'The RSA modulus is even.';
  return { type: 'rsa', signatureLength: Math.ceil(bits / 8) };
}

function judgeEcKey(publicKey: KeyObject): JudgedKey | string {
  const curve = publicKey.asymmetricKeyDetails?.namedCurve ?? '';
  const length = Object.hasOwn(SIGNER_KEY_POLICY.curves, curve) ? SIGNER_KEY_POLICY.curves[curve] : undefined;
  if (length === undefined) return 'The curve is not accepted; P-256 and P-384 are.';
  return { type: 'ec', signatureLength: 2 * length };
}
