import { generalPolicy, jpkiSigningPolicy } from '../../verifier/validation-policy.ts';
import type { ValidationPolicy } from '../../verifier/validation-types.ts';
import type { Certificate } from '../../verifier/x509/certificate-types.ts';
import { jpkiKind } from '../../verifier/x509/jpki-policies.ts';
import { UsageError } from '../command.ts';

/** The policy that `--policy` names; that of the JPKI when it is left out. */
export function policyOption(text: string | undefined): (signer: Certificate) => ValidationPolicy {
  if (text === undefined || text === 'jpki') return jpkiPolicyOf;
  if (text === 'general') return () => generalPolicy('EITHER');
  throw new UsageError(`--policy ${text} is not known; it is jpki or general.`);
}

/**
 * The caller's anchor decides what may be trusted; the signer's own policy only says which of JPKI's two
 * environments it is of.
 */
function jpkiPolicyOf(signer: Certificate): ValidationPolicy {
  const kinds = (signer.certificatePolicies ?? []).map(({ policy }) => jpkiKind(policy));
  const environment = kinds.find((kind) => kind !== undefined)?.environment ?? 'production';
  return jpkiSigningPolicy(environment, 'EITHER');
}
