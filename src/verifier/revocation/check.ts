import { type Check, finding } from '../../core/report.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import { checkWithCrls } from './crl-check.ts';
import { indeterminate } from './indeterminate.ts';
import { checkWithOcsp } from './ocsp-check.ts';
import type { RevocationRequest, RevocationResult } from './revocation-types.ts';

/** CRL issuers of CRL issuers: more than this is nobody's honest PKI. */
const MAXIMUM_NESTING = 4;

/**
 * Judges whether a certificate was revoked at an instant, from data at hand (RFC 5280 section 6.3, RFC 6960).
 * `good` needs fresh, authentic data that covers this very certificate; everything else is `revoked` or
 * `indeterminate` with a `revocation.*` code. A revocation later than `at` leaves it good and is reported beside.
 * Pure: no network, no clock. Nothing is thrown.
 */
export function checkRevocation(request: RevocationRequest): RevocationResult {
  return checkNested(request, []);
}

/** `open` are the certificates whose status is being looked for, so that a CRL about its own signer ends. */
function checkNested(request: RevocationRequest, open: readonly Certificate[]): RevocationResult {
  if (request.method === 'OCSP') {
    return checkWithOcsp(request, (responder) => {
      return (
        checkNested({ ...request, certificate: responder, method: 'CRL' }, [request.certificate]).status ===
        'good'
      );
    });
  }
  if (open.length >= MAXIMUM_NESTING)
    return indeterminate('revocation.limit', 'CRL issuers are nested too deeply.');
  const path = [...open, request.certificate];
  return checkWithCrls(request, (certificate, issuer) => {
    // A CRL about its own signer: that signer is judged by its path alone.
    if (path.includes(certificate)) return true;
    return checkNested({ ...request, certificate, issuer }, path).status === 'good';
  });
}

/** The result as one line of a report. */
export function revocationCheck(result: RevocationResult, place: 'signer' | 'issuer'): Check {
  const name = 'revocation-status';
  switch (result.status) {
    case 'good':
      return { name, result: 'passed' };
    case 'revoked': {
      const revokedAt = new Date(result.revokedAt).toISOString();
      const detail = `Revoked at ${revokedAt}, reason ${result.reason}.`;
      return finding(name, place === 'signer' ? 'certificate.revoked' : 'certificate.ca-revoked', { detail });
    }
    case 'indeterminate':
      return finding(name, result.code, { detail: result.detail });
  }
}
