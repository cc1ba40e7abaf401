import { createPrivateKey } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

/** Octets of a file that are looked at, and that a packed one may become. */
export const LOOKED_AT = 1_048_576;
/** How often something may be wrapped: base64 within base64, gzip within gzip. */
const WRAPPINGS = 3;

/** RFC 7468 labels, those of OpenSSH, PGP, SSH2 (RFC 4716) and PuTTY. */
const ARMOUR = /-{4,5} ?BEGIN [A-Z0-9 ]*PRIVATE KEY|PuTTY-User-Key-File-\d/;
const BASE64_RUN = /(?:[A-Za-z0-9+/_-]{4}\r?\n? *){10,}[A-Za-z0-9+/_-]{0,3}={0,2}/g;
/** Most runs of base64 in one file that are opened. */
const RUNS = 64;

const JAVA_KEYSTORES = ['feedfeed', 'cececece', '0000000100000014', '0000000200000014'];
/** In hexadecimal: INTEGER 3 as the first member of a SEQUENCE: the version of a PKCS#12 PFX (RFC 7292 section 4). */
const PFX = /^30(?:[0-7].|80|81..|82.{4}|83.{6}|84.{8})02010330/;
/**
 * PBES2 (1.2.840.113549.1.5.13), PBES1 (….1.5.1 to 11) and PKCS#12's PBE (….12.1.x): how an encrypted PKCS#8
 * begins.
 */
const ENCRYPTED_PKCS8 =
  /^30(?:[0-7].|81..|82.{4}|83.{6})30(?:[0-7].|81..|82.{4})06(?:092a864886f70d0105|0a2a864886f70d010c01)/;
/** A member `kty` and a member `d` in a text that is no JSON: YAML, several lines of JSON, an archive. */
const JWK_IN_TEXT = [
  /\bkty["']?\s*[:=]\s*["']?(?:EC|RSA|OKP)\b/,
  /(?:^|[\s{,"'])d["']?\s*[:=]\s*["']?[A-Za-z0-9_-]{22}/,
];
const SIGNING = /^(?:ES|RS|PS)(?:256|384|512)$|^EdDSA$|^Ed25519$/;

/**
 * What form of private key these octets hold, if any: PEM and other armour, PKCS#8, PKCS#1 and SEC 1 in DER,
 * encrypted PKCS#8, PKCS#12, Java keystores, JWK and JWK sets (in JSON at any depth, in other text), the platform
 * operator's keystore, a JWE under a passphrase; each also in base64, gzip or UTF-16. A JWK that says it signs is
 * the sp's own kind of key, and is no finding.
 */
export function privateKeyForm(octets: Uint8Array, wrappings = WRAPPINGS): string | undefined {
  const start = octets.subarray(0, LOOKED_AT);
  const text = textOf(start);
  return (
    binaryForm(start) ??
    textForm(text) ??
    (wrappings === 0 ? undefined : wrappedForm(start, text, wrappings - 1))
  );
}

function textOf(octets: Uint8Array): string {
  const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return buffer.toString('utf16le').slice(1);
  if (buffer[0] === 0xfe && buffer[1] === 0xff && buffer.length % 2 === 0)
    return Buffer.from(buffer).swap16().toString('utf16le').slice(1);
  return buffer.toString('latin1').replace(/^\xef\xbb\xbf/, '');
}

function binaryForm(octets: Uint8Array): string | undefined {
  const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  const hex = buffer.toString('hex', 0, 64);
  if (JAVA_KEYSTORES.some((magic) => hex.startsWith(magic))) return 'a Java keystore';
  if (buffer[0] !== 0x30) return undefined;
  if (PFX.test(hex)) return 'PKCS#12';
  if (ENCRYPTED_PKCS8.test(hex)) return 'encrypted PKCS#8';
  return (['pkcs8', 'sec1', 'pkcs1'] as const).find((type) => isDerKey(buffer, type));
}

function isDerKey(key: Buffer, type: 'pkcs8' | 'sec1' | 'pkcs1'): boolean {
  try {
    createPrivateKey({ key, format: 'der', type });
    return true;
  } catch {
    return false;
  }
}

function textForm(text: string): string | undefined {
  if (ARMOUR.test(text)) return 'PEM';
  const json = parsed(text);
  if (json !== undefined) return jsonForm(json);
  if (isPassphraseJwe(text.trim())) return 'a JWE under a passphrase';
  return JWK_IN_TEXT.every((pattern) => pattern.test(text)) ? linesForm(text) : undefined;
}

/** Several lines of JSON may all be keys that sign; anything else with `kty` and `d` in it is refused. */
function linesForm(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const values = lines.map(parsed);
  if (values.some((value) => value === undefined)) return 'a JWK';
  return values.map(jsonForm).find((form) => form !== undefined);
}

function parsed(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

function jsonForm(json: unknown): string | undefined {
  const waiting: unknown[] = [json];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value === 'string' && isPassphraseJwe(value)) return 'a JWE under a passphrase';
    if (typeof value !== 'object' || value === null) continue;
    const members = new Map<string, unknown>(Object.entries(value));
    if (members.get('format') === 'jitsuin-pf-keystore') return 'the keystore of a platform operator';
    if (isForeignJwk(members)) return 'a JWK';
    for (const member of members.values()) if (member !== null) waiting.push(member);
  }
  return undefined;
}

function isForeignJwk(members: ReadonlyMap<string, unknown>): boolean {
  if (typeof members.get('d') !== 'string') return false;
  const [kty, use, alg, operations] = ['kty', 'use', 'alg', 'key_ops'].map((name) => members.get(name));
  if (kty === undefined && use !== 'enc' && alg === undefined) return false;
  if (use !== undefined && use !== 'sig') return true;
  if (alg !== undefined) return typeof alg !== 'string' || !SIGNING.test(alg);
  return (
    use !== 'sig' && !(Array.isArray(operations) && operations.every((operation) => operation === 'sign'))
  );
}

/** Compact JWE whose header names PBES2 (RFC 7518 section 4.8): how JWK sets are kept under a passphrase. */
function isPassphraseJwe(text: string): boolean {
  const [, header] = /^(eyJ[A-Za-z0-9_-]{10,2000})(?:\.[A-Za-z0-9_-]*){4}$/.exec(text) ?? [];
  return header !== undefined && /"PBES2/.test(Buffer.from(header, 'base64url').toString('latin1'));
}

function wrappedForm(octets: Uint8Array, text: string, wrappings: number): string | undefined {
  if (octets[0] === 0x1f && octets[1] === 0x8b) return packedForm(octets, wrappings);
  let opened = 0;
  for (const [run] of text.matchAll(BASE64_RUN)) {
    if (opened === RUNS) break;
    opened += 1;
    const form = privateKeyForm(Buffer.from(run.replaceAll(/\s/g, ''), 'base64'), wrappings);
    if (form !== undefined) return `${form} in base64`;
  }
  return undefined;
}

function packedForm(octets: Uint8Array, wrappings: number): string | undefined {
  try {
    const form = privateKeyForm(gunzipSync(octets, { maxOutputLength: LOOKED_AT }), wrappings);
    return form === undefined ? undefined : `${form} in gzip`;
  } catch {
    return undefined;
  }
}
