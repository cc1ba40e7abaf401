import { createHash } from 'node:crypto';

/** DER DigestInfo of SHA-256 up to its 32 octets, and of SHA-384 up to its 48 (RFC 8017 section 9.2, note 1). */
const PREFIXES = {
  sha256: Buffer.from('3031300d060960864801650304020105000420', 'hex'),
  sha384: Buffer.from('3041300d060960864801650304020205000430', 'hex'),
} as const;
const HASH_OCTETS = { sha256: 32, sha384: 48 } as const;
const HASHES = ['sha256', 'sha384'] as const;

export type ServiceMode = 'digest-info' | 'digest';

/**
 * What the service hands to the card for a decoded `data`: octets that are a DigestInfo go as they are, anything else
 * is hashed (again) with SHA-256 (guideline, 署名方式について). ASSUMPTION: the exact test for "DigestInfo is contained" is
 * not published; this is the narrow reading. ASSUMPTION: for the next card the same with SHA-384, and 48 octets are
 * hashed again with that.
 */
export function serviceMode(data: Uint8Array): ServiceMode {
  return infoHash(data) === undefined ? 'digest' : 'digest-info';
}

export function cardInput(data: Uint8Array, mode: ServiceMode = serviceMode(data)): Buffer {
  if (mode === 'digest-info') return Buffer.from(data);
  const hash = data.length === HASH_OCTETS.sha384 ? 'sha384' : 'sha256';
  return Buffer.concat([PREFIXES[hash], createHash(hash).update(data).digest()]);
}

/** The hash value inside a DigestInfo; of anything else the octets as they are. */
export function hashIn(digestInfo: Uint8Array): Uint8Array {
  const hash = infoHash(digestInfo);
  return hash === undefined ? digestInfo : digestInfo.subarray(PREFIXES[hash].length);
}

function infoHash(data: Uint8Array): (typeof HASHES)[number] | undefined {
  return HASHES.find((hash) => {
    const prefix = PREFIXES[hash];
    return (
      data.length === prefix.length + HASH_OCTETS[hash] &&
      prefix.equals(Buffer.from(data.subarray(0, prefix.length)))
    );
  });
}
