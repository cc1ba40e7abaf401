import { fromBase64Url, fromUtf8 } from '../encoding.ts';
import { isJsonObject, parseStrictJson } from '../json/strict-json.ts';

/**
 * A kind of octets that some standard signs. A signature over a file in mode `digest-info` is an ordinary
 * RSASSA-PKCS1-v1_5 signature with SHA-256: over such octets it means, to everybody who knows the standard, what
 * the octets say, and not "this file".
 */
export type SignedForm =
  | 'SignedInfo' // XML Signature section 4.4: somebody else's document
  | 'der' // TBSCertificate, CertificationRequestInfo, TBSCertList, ResponseData, SignedAttributes, TSTInfo, DigestInfo
  | 'jws' // RFC 7515 section 5.1: the signing input of a token
  | 'cose' // RFC 9052 section 4.4: Sig_structure
  | 'hash' // what mode `digest` has signed: a file's SHA-256
  | 'pdf' // ISO 32000-1 section 12.8.1: the byte ranges around a signature
  | 'openpgp' // RFC 9580 section 5.2.4: a file with the trailer of a signature
  | 'ssh' // SSHSIG, and RFC 4252 section 7
  | 'http' // RFC 9421 section 2.5: a signature base
  | 'tls' // RFC 8446 section 4.4.3
  | 'jar'; // a signature file of a JAR

type Recognize = (octets: Uint8Array) => boolean;

/**
 * The first that the octets are, undefined for a file that no standard in this table signs. Looks at beginnings and
 * ends only.
 */
export function signedFormOf(octets: Uint8Array): SignedForm | undefined {
  return FORMS.find(([, recognize]) => recognize(octets))?.[0];
}

const FORMS: readonly (readonly [SignedForm, Recognize])[] = [
  ['SignedInfo', isSignedInfo],
  ['der', isOneDerValue],
  ['jws', isJwsSigningInput],
  ['cose', isSigStructure],
  ['hash', ({ length }) => HASH_LENGTHS.has(length)],
  ['pdf', isSignedPdf],
  ['openpgp', hasOpenPgpTrailer],
  ['ssh', isSshSigned],
  ['http', (octets) => latin1(octets, -HTTP_PARAMETERS_MOST).includes('"@signature-params": (')],
  ['tls', (octets) => latin1(octets, TLS_CONTEXT).startsWith(`${' '.repeat(64)}TLS 1.3, `)],
  ['jar', (octets) => latin1(octets, 64).startsWith('Signature-Version:')],
];

const HASH_LENGTHS: ReadonlySet<number> = new Set([20, 28, 32, 48, 64]);
const PROLOG_MOST = 64 * 1024;
const HTTP_PARAMETERS_MOST = 8 * 1024;
const TLS_CONTEXT = 128;

/** The first octets as text, or with a negative count the last. */
function latin1(octets: Uint8Array, count: number): string {
  const part = count < 0 ? octets.subarray(count) : octets.subarray(0, count);
  return Buffer.from(part).toString('latin1');
}

/** What may stand before the document element; canonical forms have no XML declaration, others do. */
const PROLOG = /^(?:\xef\xbb\xbf)?(?:\s+|<\?(?:(?!\?>)[\s\S])*\?>|<!--(?:(?!-->)[\s\S])*-->)*/;
const SIGNED_INFO = /^<(?:[^\s<>/:]+:)?SignedInfo[\s/>]/;

/** In any canonical form, with any prefix or namespace, in UTF-8 or UTF-16. */
function isSignedInfo(octets: Uint8Array): boolean {
  const wide = octets[0] === 0xff || octets[0] === 0xfe || octets[0] === 0 || octets[1] === 0;
  const head = latin1(octets, PROLOG_MOST);
  const text = wide ? head.replaceAll('\0', '').replace(/^(?:\xff\xfe|\xfe\xff)/, '') : head;
  return SIGNED_INFO.test(text.slice(PROLOG.exec(text)?.[0].length ?? 0));
}

const SEQUENCE = 0x30;
const SET = 0x31;
const INDEFINITE = 0x80;

/** One SEQUENCE or SET from the first octet to the last (X.690), of whatever: everything signed in ASN.1 is one. */
function isOneDerValue(octets: Uint8Array): boolean {
  const [tag, first] = octets;
  if ((tag !== SEQUENCE && tag !== SET) || first === undefined) return false;
  if (first === INDEFINITE) return octets.at(-1) === 0 && octets.at(-2) === 0;
  if (first < INDEFINITE) return octets.length === 2 + first;
  const count = first & 0x7f;
  if (count > 6 || octets.length < 2 + count) return false;
  let length = 0;
  for (const octet of octets.subarray(2, 2 + count)) length = length * 256 + octet;
  return octets.length === 2 + count + length;
}

const LONGEST_HEADER = 64 * 1024;

/** A base64url header that is a JSON object, then a dot: the payload may be encoded or not (RFC 7797). */
function isJwsSigningInput(octets: Uint8Array): boolean {
  const dot = octets.subarray(0, LONGEST_HEADER).indexOf(0x2e);
  if (dot <= 0) return false;
  try {
    const header = parseStrictJson(fromUtf8(fromBase64Url(latin1(octets, dot))), 16);
    return isJsonObject(header);
  } catch {
    return false;
  }
}

const COSE_CONTEXTS: readonly string[] = ['Signature', 'Signature1', 'CounterSignature', 'CounterSignature0'];

/** CBOR: an array of four or five whose first member is the context. */
function isSigStructure(octets: Uint8Array): boolean {
  const [array] = octets;
  if (array !== 0x84 && array !== 0x85) return false;
  return COSE_CONTEXTS.some(
    (context) =>
      octets[1] === 0x60 + context.length && latin1(octets, 2 + context.length).slice(2) === context,
  );
}

/** A PDF that has a place for a signature; without one its signer would sign something else. */
function isSignedPdf(octets: Uint8Array): boolean {
  return latin1(octets, 1024).includes('%PDF-') && Buffer.from(octets).includes('/ByteRange');
}

/** Version 3: type and time; version 4 and later: version, 0xFF and the length. */
function hasOpenPgpTrailer(octets: Uint8Array): boolean {
  const version = octets.at(-6) ?? 0;
  return octets.at(-5) === 0xff && (version === 4 || version === 5 || version === 6);
}

const SSH_REQUEST = 'ssh-connection';

function isSshSigned(octets: Uint8Array): boolean {
  const head = latin1(octets, 512);
  return head.startsWith('SSHSIG') || (head.includes(SSH_REQUEST) && head.includes('publickey'));
}
