import type { DigestInfo, Sha256Digest, SigningInput, SigningMode } from '../brand.ts';
import { fromBase64, toBase64 } from '../encoding.ts';
import { JitsuinError } from '../errors.ts';
import { equalOctets, SHA256_LENGTH, sha256 } from './sha256.ts';

/**
 * DER of DigestInfo up to the value: SEQUENCE { SEQUENCE { id-sha256, NULL }, OCTET STRING (RFC 8017 section 9.2
 * note 1).
 */
const DIGEST_INFO_PREFIX = Uint8Array.from(Buffer.from('3031300d060960864801650304020105000420', 'hex'));
const LENGTHS: Readonly<Record<SigningMode, number>> = {
  'digest-info': DIGEST_INFO_PREFIX.length + SHA256_LENGTH,
  digest: SHA256_LENGTH,
};
/** Values that only come from a mistake: nothing hashed, or a hash never filled in. */
const MEANINGLESS: readonly Uint8Array[] = [new Uint8Array(SHA256_LENGTH), sha256(new Uint8Array(0))];

/** DER DigestInfo of a SHA-256 value, exactly 51 octets. @throws JitsuinError `digest.length` */
export function digestInfo(digest: Sha256Digest): DigestInfo {
  if (digest.length !== SHA256_LENGTH)
    throw new JitsuinError('digest.length', 'A SHA-256 value has 32 octets.');
  return Uint8Array.from([...DIGEST_INFO_PREFIX, ...digest]) as DigestInfo;
}

/**
 * `data` of the start request: base64 of the DigestInfo (mode `digest-info`, 68 characters) or of the SHA-256 value
 * alone (mode `digest`, 44 characters).
 * @throws JitsuinError `digest.length`; `digest.data` for the hash of nothing and the all-zero hash
 */
export function signingInput(mode: SigningMode, digest: Sha256Digest): SigningInput {
  return assertSigningInput(toBase64(mode === 'digest-info' ? digestInfo(digest) : digest), mode);
}

/**
 * `data` that came from elsewhere, checked to be exactly what the mode asks for, because in mode `digest-info` the
 * service cannot notice a missing or damaged hash.
 * @throws JitsuinError `digest.data` for anything else
 */
export function assertSigningInput(data: string, mode: SigningMode): SigningInput {
  const octets = decoded(data);
  if (octets.length !== LENGTHS[mode]) throw refused(`It must have ${LENGTHS[mode]} octets in this mode.`);
  const digest = octets.subarray(octets.length - SHA256_LENGTH);
  if (
    mode === 'digest-info' &&
    !equalOctets(octets.subarray(0, DIGEST_INFO_PREFIX.length), DIGEST_INFO_PREFIX)
  ) {
    throw refused('It does not begin with the DigestInfo of SHA-256.');
  }
  if (MEANINGLESS.some((value) => equalOctets(value, digest))) throw refused('It is the hash of nothing.');
  return data as SigningInput;
}

/** The SHA-256 value inside `data`. @throws JitsuinError `digest.data` */
export function digestOfSigningInput(data: string, mode: SigningMode): Sha256Digest {
  const octets = decoded(assertSigningInput(data, mode));
  return octets.slice(octets.length - SHA256_LENGTH) as Sha256Digest;
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
