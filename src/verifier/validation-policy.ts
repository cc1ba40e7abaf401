import { shippedFor, shippedPolicies } from './policy/shipped.ts';
import { policyOf } from './policy/validation-policy.ts';
import type { ValidationPolicy } from './validation-types.ts';
import type { JpkiEnvironment } from './x509/jpki-types.ts';
import { jpkiSigningPathPolicy } from './x509/path-policy.ts';

/**
 * The shipped policy for JPKI signature certificates of one environment: what applies where an operator names no file.
 */
export function jpkiSigningPolicy(
  environment: JpkiEnvironment,
  method: ValidationPolicy['method'],
): ValidationPolicy {
  return policyOf(shippedFor(environment), method);
}

/**
 * Every policy of this software that a record of this environment and method may name, the newest first: those of the
 * shipped files, then those of before there were files. Evidence decides again by them for decades: other rules get
 * another number in the name, and a shipped file that is replaced stays here for the records that name it.
 */
export function recordedPolicies(
  environment: JpkiEnvironment,
  method: ValidationPolicy['method'],
): readonly ValidationPolicy[] {
  const shipped = shippedPolicies().filter(({ content }) => content.environment === environment);
  return [...shipped.map((file) => policyOf(file, method)), ...policiesOfBefore(environment, method)];
}

function policiesOfBefore(
  environment: JpkiEnvironment,
  method: ValidationPolicy['method'],
): readonly ValidationPolicy[] {
  const first: ValidationPolicy = {
    name: `jpki-signing-${environment}-1`,
    environment,
    path: jpkiSigningPathPolicy(environment),
    profile: 'jpki',
    method,
  };
  return [{ ...first, name: `jpki-signing-${environment}-2`, signerDates: 'after-revocation' }, first];
}
