import type { SigningInput, SigningMode } from '../core/brand.ts';
import { fromBase64, toHex } from '../core/encoding.ts';
import { JitsuinError } from '../core/errors.ts';

const DIGEST_INFO_PREFIX = '3031300d060960864801650304020105000420';

/** What the audit record says about the `data` that leaves us. */
interface DataProof {
  readonly data: string;
  /** 51 in `digest-info`, 32 in `digest`. */
  readonly octets: number;
  /** The DER DigestInfo of SHA-256 that stands before the hash, or that there is none. */
  readonly digestInfo: 'sha-256' | 'none';
}

/**
 * Proves from the octets themselves that `data` is DigestInfo + 32 octets (`digest-info`) or 32 octets (`digest`): the
 * service signs what it is given and cannot notice a missing hash (guideline, 署名対象ハッシュ値の作成方法, note).
 * @throws JitsuinError `digest.data`
 */
export function proofOfData(data: SigningInput, mode: SigningMode): DataProof {
  const octets = fromBase64(data, 'data');
  const prefix = toHex(octets.subarray(0, DIGEST_INFO_PREFIX.length / 2));
  if (mode === 'digest-info' && octets.length === 51 && prefix === DIGEST_INFO_PREFIX) {
    return { data, octets: 51, digestInfo: 'sha-256' };
  }
  if (mode === 'digest' && octets.length === 32) return { data, octets: 32, digestInfo: 'none' };
  throw new JitsuinError('digest.data', 'data is not what the signing mode says it must be.', { at: 'data' });
}
