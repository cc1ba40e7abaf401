import type { SignatureValue } from '../../core/brand.ts';
import { canonicalBase64, fromUtf8 } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseStrictJson,
} from '../../core/json/strict-json.ts';
import { BUNDLE_MEMBERS } from '../../core/jwe/bundle.ts';

/** How a bundle was written where it was not as expected; what it says is the same. */
export type BundleSpelling = 'bom' | 'nested' | 'pem' | 'white-space' | 'base64url' | 'no-padding';

export interface BundleContent {
  /** DER of the signing certificate, not judged yet. */
  readonly certificate: Uint8Array;
  readonly signatureValue: SignatureValue;
  /** Empty for one flat object with padded base64. */
  readonly spelling: readonly BundleSpelling[];
}

const MAX_CERTIFICATE_OCTETS = 16_384;
const MAX_SIGNATURE_OCTETS = 1024;
const BOM = [0xef, 0xbb, 0xbf];
const ARMOR = /^\s*-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]*)-----END \1-----\s*$/;

/**
 * The plaintext of a bundle. ASSUMPTION 2 (facts/auth-and-sign-api.md section 10) leaves its spelling open, and a
 * spelling must cost no citizen a signature: one JSON object in UTF-8, flat or in one member, with exactly one name
 * for each of certificate and signature, in base64 or base64url, padded or not, folded or not, or in PEM. Which it
 * was is told. Octets have to be the same in every spelling.
 * @throws JitsuinError `jwe.content`, never with a piece of the plaintext
 */
export function readBundleContent(plaintext: Uint8Array): BundleContent {
  const spelling = new Set<BundleSpelling>();
  const content = bundleObject(plaintext, spelling);
  const certificate = readMember(content, BUNDLE_MEMBERS.certificate, MAX_CERTIFICATE_OCTETS, spelling);
  const signature = readMember(content, BUNDLE_MEMBERS.signatureValue, MAX_SIGNATURE_OCTETS, spelling);
  return { certificate, signatureValue: signature as SignatureValue, spelling: [...spelling] };
}

function bundleObject(plaintext: Uint8Array, spelling: Set<BundleSpelling>): JsonObject {
  const marked = BOM.every((octet, index) => plaintext[index] === octet);
  if (marked) spelling.add('bom');
  let text: string;
  try {
    text = fromUtf8(marked ? plaintext.subarray(BOM.length) : plaintext);
  } catch {
    throw contentError('The plaintext is not UTF-8.');
  }
  const value = parseStrictJson(text, 2);
  if (!isJsonObject(value)) throw contentError('The plaintext is not one JSON object.');
  if (isBundle(value)) return value;
  const members: readonly JsonValue[] = Object.keys(value).map((name) => value[name] ?? null);
  const inside = members.filter(isBundle);
  const [only] = inside;
  if (only === undefined || inside.length > 1)
    throw contentError('The plaintext is not one JSON object with a certificate and a signature.');
  spelling.add('nested');
  return only;
}

const NAMES: readonly string[] = [...BUNDLE_MEMBERS.certificate, ...BUNDLE_MEMBERS.signatureValue];

function isBundle(value: JsonValue): value is JsonObject {
  return isJsonObject(value) && NAMES.some((name) => Object.hasOwn(value, name));
}

function readMember(
  content: JsonObject,
  names: readonly string[],
  maxOctets: number,
  spelling: Set<BundleSpelling>,
): Uint8Array {
  const present = names.filter((name) => Object.hasOwn(content, name));
  const [name] = present;
  if (name === undefined || present.length > 1)
    throw contentError(`Exactly one of ${names.join(', ')} is needed.`);
  const text = content[name];
  if (typeof text !== 'string' || text === '') throw contentError(`"${name}" is not a base64 string.`);
  // Twice as long as its base64: room for line ends and armor, no more.
  if (text.length > Math.ceil(maxOctets / 3) * 8) throw contentError(`"${name}" is too long.`);
  const octets = canonicalBase64(text) ?? otherSpelling(text, spelling);
  if (octets === undefined || octets.length === 0 || octets.length > maxOctets)
    throw contentError(`"${name}" is not base64 of 1 to ${maxOctets} octets.`);
  return octets;
}

/** Unused bits must be zero in every spelling: octets keep one text. */
function otherSpelling(text: string, spelling: Set<BundleSpelling>): Uint8Array | undefined {
  const found = new Set<BundleSpelling>();
  const armored = ARMOR.exec(text)?.[2];
  if (armored !== undefined) found.add('pem');
  const plain = (armored ?? text).replace(/[ \t\r\n]/g, '');
  if (armored === undefined && plain !== text) found.add('white-space');
  const standard = plain.replaceAll('-', '+').replaceAll('_', '/');
  if (standard !== plain) found.add('base64url');
  const padded = standard.includes('=') ? standard : standard.padEnd(Math.ceil(standard.length / 4) * 4, '=');
  if (padded !== standard) found.add('no-padding');
  if (standard !== plain && /[+/]/.test(plain)) return undefined;
  const octets = canonicalBase64(padded);
  if (octets !== undefined) for (const one of found) spelling.add(one);
  return octets;
}

/** Never with the plaintext or a piece of it. */
function contentError(message: string): JitsuinError {
  return new JitsuinError('jwe.content', message, { at: 'jwe' });
}
