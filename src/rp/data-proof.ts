import type { SigningInput, SigningMode } from '../core/brand.ts';
import { hashOfSigningInput } from '../core/digest/signing-input.ts';
import { fromBase64 } from '../core/encoding.ts';

/** What the audit record says about the `data` that leaves us. */
interface DataProof {
  readonly data: string;
  /** 51 in `digest-info`, 32 in `digest`; with SHA-384 67 and 48. */
  readonly octets: number;
  /** The DER DigestInfo that stands before the hash, or that there is none. */
  readonly digestInfo: 'sha-256' | 'sha-384' | 'none';
}

/**
 * Proves from the octets themselves that `data` is DigestInfo and hash (`digest-info`) or a hash (`digest`): the
 * service signs what it is given and cannot notice a missing hash (guideline, 署名対象ハッシュ値の作成方法, note).
 * @throws JitsuinError `digest.data`
 */
export function proofOfData(data: SigningInput, mode: SigningMode): DataProof {
  const hash = hashOfSigningInput(data, mode);
  const before = hash === 'sha384' ? 'sha-384' : 'sha-256';
  const { length: octets } = fromBase64(data, 'data');
  return { data, octets, digestInfo: mode === 'digest' ? 'none' : before };
}
