import { readFile } from 'node:fs/promises';
import { type PolicyFile, readPolicyFile } from '../../verifier/policy/policy-file.ts';
import { shippedPolicies } from '../../verifier/policy/shipped.ts';
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

/** The JPKI's two environments tell themselves apart by the certificate. */
function shippedOf({ certificatePolicies = [] }: Certificate): PolicyFile {
  const jpki = shippedPolicies().filter(({ content }) => content.profile === 'jpki');
  const own = certificatePolicies.map(({ policy }) => policy);
  const known = jpki.find(({ content: { environment, certificatePolicies: rows } }) =>
    rows.some((row) => row.environment === environment && own.includes(row.policy)),
  );
  const chosen = known ?? jpki.find(({ content }) => content.environment === 'production');
  if (chosen === undefined)
    throw new UsageError('No shipped policy is for the JPKI; give one with --policy.');
  return chosen;
}
