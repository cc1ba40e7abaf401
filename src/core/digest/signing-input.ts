import { createHash } from 'node:crypto';
import type { DigestInfo, SigningInput, SigningMode } from '../brand.ts';
import { fromBase64, toBase64 } from '../encoding.ts';
import { JitsuinError } from '../errors.ts';
import { equalOctets } from './sha256.ts';

/** What the octets to be signed are hashed with: by the card of today SHA-256, by the next one SHA-384 too. */
export type SigningHash = 'sha256' | 'sha384';

interface HashOfSigning {
  readonly name: SigningHash;
  readonly octets: number;
  /**
   * DER of DigestInfo up to the value: SEQUENCE { SEQUENCE { id-sha…, NULL }, OCTET STRING (RFC 8017 section 9.2
   * note 1).
   */
  readonly prefix: Uint8Array;
}

const HASHES: readonly HashOfSigning[] = [
  { name: 'sha256', octets: 32, prefix: Buffer.from('3031300d060960864801650304020105000420', 'hex') },
  { name: 'sha384', octets: 48, prefix: Buffer.from('3041300d060960864801650304020205000430', 'hex') },
];

/** The digest of octets to be signed. */
export function signingDigest(hash: SigningHash, octets: Uint8Array): Uint8Array {
  return new Uint8Array(createHash(hash).update(octets).digest());
}

/** DER DigestInfo of a SHA-256 (51 octets) or SHA-384 value (67). @throws JitsuinError `digest.length` */
export function digestInfo(digest: Uint8Array): DigestInfo {
  return Uint8Array.from([...hashOfLength(digest.length).prefix, ...digest]) as DigestInfo;
}

/**
 * `data` of the start request: base64 of the DigestInfo (mode `digest-info`; 68 characters with SHA-256, 92 with
 * SHA-384) or of the hash value alone (mode `digest`; 44 or 64 characters).
 * @throws JitsuinError `digest.length`; `digest.data` for the hash of nothing and the all-zero hash
 */
export function signingInput(mode: SigningMode, digest: Uint8Array): SigningInput {
  hashOfLength(digest.length);
  return assertSigningInput(toBase64(mode === 'digest-info' ? digestInfo(digest) : digest), mode);
}

/**
 * `data` that came from elsewhere, checked to be exactly what the mode asks for, because in mode `digest-info` the
 * service cannot notice a missing or damaged hash.
 * @throws JitsuinError `digest.data` for anything else
 */
export function assertSigningInput(data: string, mode: SigningMode): SigningInput {
  const digest = digestOfSigningInput(data, mode);
  const nothing = signingDigest(hashOfLength(digest.length).name, new Uint8Array(0));
  if ([new Uint8Array(digest.length), nothing].some((value) => equalOctets(value, digest)))
    throw refused('It is the hash of nothing.');
  return data as SigningInput;
}

/** Which hash `data` holds, by its form alone. @throws JitsuinError `digest.data` for the form of none */
export function hashOfSigningInput(data: string, mode: SigningMode): SigningHash {
  const octets = decoded(data);
  const lengths = HASHES.map((hash) => lengthIn(mode, hash));
  const hash = HASHES[lengths.indexOf(octets.length)];
  if (hash === undefined) throw refused(`It must have ${lengths.join(' or ')} octets in this mode.`);
  if (mode === 'digest-info' && !equalOctets(octets.subarray(0, hash.prefix.length), hash.prefix)) {
    throw refused(
      `It does not begin with the DigestInfo of ${hash.name === 'sha256' ? 'SHA-256' : 'SHA-384'}.`,
    );
  }
  // 64 hexadecimal digits of a SHA-256 read as base64 have the 48 octets of a SHA-384
  if (mode === 'digest' && HEXADECIMAL.test(data))
    throw refused('It is written in hexadecimal, not in base64.');
  return hash.name;
}

/** The hash value inside `data`. @throws JitsuinError `digest.data` */
export function digestOfSigningInput(data: string, mode: SigningMode): Uint8Array {
  const hash = hashOfSigningInput(data, mode);
  const octets = decoded(data);
  return octets.slice(octets.length - (hash === 'sha384' ? 48 : 32));
}

const HEXADECIMAL = /^[0-9a-fA-F]{64}$/;

function lengthIn(mode: SigningMode, { octets, prefix }: HashOfSigning): number {
  return mode === 'digest' ? octets : prefix.length + octets;
}

function hashOfLength(octets: number): HashOfSigning {
  const hash = HASHES.find((one) => one.octets === octets);
  if (hash !== undefined) return hash;
  throw new JitsuinError('digest.length', 'A SHA-256 value has 32 octets, a SHA-384 value 48.');
}

function decoded(data: string): Uint8Array {
  try {
    return fromBase64(data);
  } catch (cause) {
    throw new JitsuinError('digest.data', 'The data to sign is not base64.', { at: 'data', cause });
  }
}

function refused(reason: string): JitsuinError {
  return new JitsuinError('digest.data', `The data to sign is refused. ${reason}`, { at: 'data' });
}
