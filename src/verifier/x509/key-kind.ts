import type { AgeingAlgorithm } from '../../core/digest/algorithm-ends.ts';
import type { Certificate } from './certificate-types.ts';
import { publicKeyParts } from './public-key.ts';

/**
 * The key's strength by SP 800-57. Of the signatures of certificates the key alone counts: they were made while
 * their hash was sound, and only a second preimage would serve a forger.
 */
export function keyKind({ subjectPublicKeyInfo }: Certificate): AgeingAlgorithm {
  const parts = publicKeyParts(subjectPublicKeyInfo);
  if (parts.type === 'rsa')
    return parts.bits < 3072 ? 'rsa-2048' : parts.bits < 7680 ? 'rsa-3072' : 'rsa-7680';
  if (parts.type === 'ec') return CURVE_KINDS[parts.curve];
  // DSA is in no policy for time-stamps; what is left is Ed25519.
  return 'ed25519';
}

const CURVE_KINDS = { 'P-256': 'p-256', 'P-384': 'p-384', 'P-521': 'p-521' } as const;
