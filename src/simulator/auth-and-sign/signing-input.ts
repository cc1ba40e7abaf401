import { createHash } from 'node:crypto';

/** DER DigestInfo of SHA-256 up to its 32 octets (RFC 8017 section 9.2, note 1). */
const DIGEST_INFO_PREFIX = Buffer.from('3031300d060960864801650304020105000420', 'hex');

export type ServiceMode = 'digest-info' | 'digest';

/**
 * What the service hands to the card for a decoded `data`: 51 octets that begin with SHA-256's DigestInfo go as
 * they are, anything else is hashed (again) with SHA-256 (guideline, 署名方式について). ASSUMPTION: the exact test for
 * "DigestInfo is contained" is not published; this is the narrow reading.
 */
export function serviceMode(data: Uint8Array): ServiceMode {
  const prefix = Buffer.from(data.subarray(0, DIGEST_INFO_PREFIX.length));
  return data.length === 51 && prefix.equals(DIGEST_INFO_PREFIX) ? 'digest-info' : 'digest';
}

export function cardInput(data: Uint8Array, mode: ServiceMode = serviceMode(data)): Buffer {
  if (mode === 'digest-info') return Buffer.from(data);
  return Buffer.concat([DIGEST_INFO_PREFIX, createHash('sha256').update(data).digest()]);
}
