import { ECDH } from 'node:crypto';
import type { CompactJwe } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { compactParts, fromBase64Url, fromUtf8 } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseStrictJson,
} from '../../core/json/strict-json.ts';
import { BUNDLE_ALG, BUNDLE_ENC, BUNDLE_MAX_LENGTH, type BundleEnc } from '../../core/jwe/bundle.ts';

/** What the protected header of a bundle says, judged before any key is touched. */
export interface BundleHeader {
  readonly enc: BundleEnc;
  /** Absent when the service names no key (`kid` is not documented). */
  readonly kid?: string;
  /**
   * Whether initialization vector and tag have the lengths of `enc`; if not, `openResult` fails like any
   * decryption.
   */
  readonly lengths: 'right' | 'wrong';
  /**
   * What is decrypted: the JWE itself, or with parts of the right lengths where it has wrong ones, so that failing
   * takes as long.
   */
  readonly decryptable: CompactJwe;
  /** `epk` as an uncompressed ECPoint of P-256, 65 octets, on the curve. */
  readonly ephemeralKey: Uint8Array;
  /** `apu` and `apv` decoded; empty when absent. */
  readonly partyInfo: { readonly u: Uint8Array; readonly v: Uint8Array };
}

const MAX_HEADER_LENGTH = 4096;
/** First octet of an ECPoint that has both coordinates (SEC 1 section 2.3.3). */
const UNCOMPRESSED_POINT = Uint8Array.of(0x04);
const KID = /^[\x21-\x7e]{1,255}$/;

/** Members that would bring a key or a parameter from outside, change the plaintext or demand an extension. */
const REFUSED_MEMBERS = [
  'crit',
  'zip',
  'jwk',
  'jku',
  'x5u',
  'x5c',
  'p2s',
  'p2c',
  'iv',
  'tag',
  'b64',
] as const;

/** Characters of the initialization vector and the authentication tag by `enc` (RFC 7518 sections 5.2 and 5.3). */
const PART_LENGTHS: Readonly<Record<BundleEnc, { readonly iv: number; readonly tag: number }>> = {
  A256GCM: { iv: 16, tag: 22 },
  A128GCM: { iv: 16, tag: 22 },
  'A128CBC-HS256': { iv: 22, tag: 22 },
  'A256CBC-HS512': { iv: 22, tag: 43 },
};

/**
 * Judges the form and the protected header of a bundle: size, five base64url parts in their one spelling, empty
 * encrypted key (ECDH-ES direct, RFC 7518 section 4.6), exact `alg`, listed `enc`, `epk` a point of P-256. No key is
 * touched and nothing is derived.
 * @throws JitsuinError `jwe.form` (not such a JWE), `jwe.header` (a member is refused), `jwe.key` (`epk` or `kid`)
 */
export function readBundleHeader(jwe: CompactJwe): BundleHeader {
  const parts = splitParts(jwe);
  const header = readHeader(parts.header);
  const refused = REFUSED_MEMBERS.find((name) => Object.hasOwn(header, name));
  if (refused !== undefined) throw headerError(`The protected header has a "${refused}" member.`);
  if (header['alg'] !== BUNDLE_ALG) throw headerError(`"alg" is not ${BUNDLE_ALG}.`);
  const enc = BUNDLE_ENC.find((name) => name === header['enc']);
  if (enc === undefined) throw headerError('"enc" is not one of the accepted content encryption algorithms.');
  const partyInfo = { u: readPartyInfo(header, 'apu'), v: readPartyInfo(header, 'apv') };
  const ephemeralKey = readEphemeralKey(header['epk']);
  const kid = readKid(header);
  return defined({
    enc,
    ephemeralKey,
    partyInfo,
    ...judgeLengths(jwe, parts, enc),
    kid,
  });
}

interface Parts {
  readonly header: string;
  readonly iv: string;
  readonly ciphertext: string;
  readonly tag: string;
}

/** One bundle has one spelling: else the same octets could be handed in twice as different texts (replay). */
function splitParts(jwe: string): Parts {
  if (jwe.length > BUNDLE_MAX_LENGTH) throw formError('The JWE is too long.');
  const [header = '', encryptedKey = '', iv = '', ciphertext = '', tag = ''] = canonicalParts(jwe);
  if (encryptedKey !== '') throw formError('ECDH-ES in direct mode has an empty encrypted key.');
  if (header === '' || ciphertext === '') throw formError('The header or the ciphertext is empty.');
  if (header.length > MAX_HEADER_LENGTH) throw formError('The protected header is too long.');
  return { header, iv, ciphertext, tag };
}

function canonicalParts(jwe: string): readonly string[] {
  try {
    return compactParts(jwe, 5);
  } catch {
    throw formError('Not five parts of canonical base64url.');
  }
}

function canonicalOctets(text: string): Uint8Array | undefined {
  try {
    return fromBase64Url(text);
  } catch {
    return undefined;
  }
}

/** A short tag with its rest moved into the ciphertext would decrypt as well, as a second spelling of one bundle. */
function judgeLengths(
  jwe: CompactJwe,
  { header, iv, ciphertext, tag }: Parts,
  enc: BundleEnc,
): Pick<BundleHeader, 'lengths' | 'decryptable'> {
  const right = PART_LENGTHS[enc];
  if (iv.length === right.iv && tag.length === right.tag) return { lengths: 'right', decryptable: jwe };
  const zeros = [right.iv, right.tag].map((length) => 'A'.repeat(length));
  return {
    lengths: 'wrong',
    decryptable: [header, '', zeros[0], ciphertext, zeros[1]].join('.') as CompactJwe,
  };
}

function readHeader(part: string): JsonObject {
  let header: JsonValue | undefined;
  try {
    header = parseStrictJson(fromUtf8(fromBase64Url(part)), 4);
  } catch (cause) {
    throw new JitsuinError('jwe.form', 'The protected header is not UTF-8.', { cause });
  }
  if (!isJsonObject(header))
    throw formError('The protected header is not one JSON object with distinct members.');
  return header;
}

/** `apu` and `apv` (RFC 7518 section 4.6.1) enter the key derivation; absent or base64url strings. */
function readPartyInfo(header: JsonObject, name: 'apu' | 'apv'): Uint8Array {
  const value = header[name];
  if (value === undefined) return new Uint8Array(0);
  const octets = typeof value === 'string' ? canonicalOctets(value) : undefined;
  if (octets === undefined) throw headerError(`"${name}" is not a base64url string.`);
  return octets;
}

/** `epk` (RFC 7518 section 4.6.1.1): EC, P-256, both coordinates, no private member, a point of the curve. */
function readEphemeralKey(epk: JsonValue | undefined): Uint8Array {
  if (!isJsonObject(epk)) throw keyError('"epk" is not a JSON object.');
  const { kty, crv, x, y } = epk;
  if (kty !== 'EC' || crv !== 'P-256') throw keyError('"epk" is not a P-256 key.');
  if (Object.hasOwn(epk, 'd')) throw keyError('"epk" holds a private key.');
  if (typeof x !== 'string' || typeof y !== 'string') throw keyError('"epk" lacks a coordinate.');
  if (x.length !== 43 || y.length !== 43) throw keyError('A coordinate of "epk" is not 32 octets.');
  const coordinates = [x, y].map(canonicalOctets).filter((octets) => octets !== undefined);
  if (coordinates.length < 2) throw keyError('A coordinate of "epk" is not canonical base64url.');
  const point = Buffer.concat([UNCOMPRESSED_POINT, ...coordinates]);
  try {
    // OpenSSL refuses a point off the curve and coordinates not below the field prime (SP 800-56A section
    // 5.6.2.3.3); reading the point alone costs a fifth of importing a key.
    ECDH.convertKey(point, 'prime256v1');
  } catch {
    throw keyError('"epk" is not a point of P-256.');
  }
  return point;
}

function readKid(header: JsonObject): string | undefined {
  const kid = header['kid'];
  if (kid === undefined) return undefined;
  if (typeof kid !== 'string' || !KID.test(kid)) throw keyError('"kid" is not a plain name.');
  return kid;
}

function formError(message: string): JitsuinError {
  return new JitsuinError('jwe.form', message, { at: 'jwe' });
}

function headerError(message: string): JitsuinError {
  return new JitsuinError('jwe.header', message, { at: 'jwe' });
}

function keyError(message: string): JitsuinError {
  return new JitsuinError('jwe.key', message, { at: 'jwe' });
}
