import type { RevocationMethod } from './revocation/revocation-types.ts';
import type { ValidationPolicy } from './validation-types.ts';
import type { JpkiEnvironment } from './x509/jpki-types.ts';
import { jpkiSigningPathPolicy } from './x509/path-policy.ts';

/**
 * The rules for a JPKI signature certificate of one environment, checked by CRL or OCSP. Evidence decides again by them for decades:
 * other rules get another number in the name, and these stay here for the records that name them.
 */
export function jpkiSigningPolicy(environment: JpkiEnvironment, method: RevocationMethod): ValidationPolicy {
  return {
    name: `jpki-signing-${environment}-1`,
    environment,
    path: jpkiSigningPathPolicy(environment),
    profile: 'jpki',
    method,
  };
}
