import { defined } from '../../core/defined.ts';
import type { Random } from '../../ports/random.ts';
import type { OcspTerms, RevocationMethod } from '../../verifier/revocation/revocation-types.ts';
import type { ValidationRequest } from '../../verifier/validation-types.ts';

/**
 * What a judgement by OCSP asks with: a nonce of its own unless the operator says that none is sent, and the hash
 * of CertID.
 */
export function ocspQuestion(
  method: RevocationMethod,
  random: Random,
  { nonce = 'required', certId }: Partial<OcspTerms> = {},
): Pick<ValidationRequest, 'nonce' | 'certIdHash'> {
  if (method !== 'OCSP') return {};
  return defined({ nonce: nonce === 'required' ? random.octets(16) : undefined, certIdHash: certId });
}
