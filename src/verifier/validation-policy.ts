import type { ValidationPolicy } from './validation-types.ts';
import type { JpkiEnvironment } from './x509/jpki-types.ts';
import { DOCUMENT_SIGNING_PATH_POLICY, jpkiSigningPathPolicy } from './x509/path-policy.ts';

/**
 * The rules for a JPKI signature certificate of one environment, checked by CRL or OCSP. Evidence decides again by
 * them for decades: other rules get another number in the name, and these stay here for the records that name them.
 */
export function jpkiSigningPolicy(
  environment: JpkiEnvironment,
  method: ValidationPolicy['method'],
): ValidationPolicy {
  return {
    name: `jpki-signing-${environment}-2`,
    environment,
    path: jpkiSigningPathPolicy(environment),
    profile: 'jpki',
    method,
    signerDates: 'after-revocation',
  };
}

/** Every policy of this software that a record of this environment and method may name, the newest first. */
export function recordedPolicies(
  environment: JpkiEnvironment,
  method: ValidationPolicy['method'],
): readonly ValidationPolicy[] {
  const newest = jpkiSigningPolicy(environment, method);
  const { signerDates: _later, ...first } = newest;
  return [newest, { ...first, name: `jpki-signing-${environment}-1` }];
}

/** Any certificate that leads to an anchor: what a general verifier judges by (RFC 5280). */
export function generalPolicy(method: ValidationPolicy['method']): ValidationPolicy {
  return {
    name: 'general-rfc5280-2',
    environment: 'production',
    path: DOCUMENT_SIGNING_PATH_POLICY,
    profile: 'none',
    method,
    signerDates: 'after-revocation',
  };
}
