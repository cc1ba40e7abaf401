import { readFile } from 'node:fs/promises';
import { type PolicyFile, readPolicyFile } from '../../verifier/policy/policy-file.ts';
import { shippedOf, shippedPolicies } from '../../verifier/policy/shipped.ts';
import { policyOf } from '../../verifier/policy/validation-policy.ts';
import type { ValidationPolicy } from '../../verifier/validation-types.ts';
import type { Certificate } from '../../verifier/x509/certificate-types.ts';
import { UsageError } from '../command.ts';

/**
 * The policy that `--policy` names: a shipped one, or a file. Left out: the shipped one whose table has the
 * certificate's own policy, the first of the JPKI where none has; what may be trusted is the caller's anchor's to say.
 * @throws UsageError for a name that is neither, JitsuinError `config.invalid` for a file that is no policy
 */
export async function policyOption(
  text: string | undefined,
): Promise<(signer: Certificate) => ValidationPolicy> {
  if (text === undefined) return (signer) => policyOf(shippedOf(signer), 'EITHER');
  const policy = policyOf(await readPolicyOption(text), 'EITHER');
  return () => policy;
}

/** @throws as `policyOption` */
export async function readPolicyOption(text: string): Promise<PolicyFile> {
  const shipped = shippedPolicies().find(({ called }) => called === text);
  if (shipped !== undefined) return shipped;
  let octets: Uint8Array;
  try {
    octets = await readFile(text);
  } catch {
    const names = shippedPolicies().map(({ called }) => called);
    throw new UsageError(`--policy ${text} is no file that can be read, and not one of ${names.join(', ')}.`);
  }
  return readPolicyFile(octets, text);
}
