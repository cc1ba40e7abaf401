import type { ErrorCode } from '../../core/errors.ts';
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

/** What a suspension (certificateHold) means under a policy: the JPKI takes no certificate back into use. */
type Suspension = 'final' | 'may-be-lifted';

/** The result for the signer's certificate as one line of a report. */
export function revocationCheck(result: RevocationResult, suspension: Suspension): Check {
  const name = 'revocation-status';
  switch (result.status) {
    case 'good':
      return { name, result: 'passed' };
    case 'revoked':
      return finding(name, revokedCode(result, suspension), { detail: revocationDetail(result) });
    case 'indeterminate':
      return finding(name, result.code, { detail: result.detail });
  }
}

/**
 * The certificates of the CAs above the signer's as one line: the first that is not good decides. Nothing for a
 * path without them.
 */
export function caRevocationCheck(results: readonly RevocationResult[]): readonly Check[] {
  if (results.length === 0) return [];
  const name = 'ca-revocation-status';
  const revoked = results.find((result) => result.status === 'revoked');
  if (revoked?.status === 'revoked')
    return [finding(name, 'certificate.ca-revoked', { detail: revocationDetail(revoked) })];
  const open = results.find((result) => result.status === 'indeterminate');
  if (open?.status === 'indeterminate')
    return [finding(name, open.code, { of: 'issuer', detail: `For a certificate of a CA: ${open.detail}` })];
  return [{ name, result: 'passed' }];
}

type Revoked = Extract<RevocationResult, { status: 'revoked' }>;

function revokedCode({ reason }: Revoked, suspension: Suspension): ErrorCode {
  if (reason !== 'certificateHold') return 'certificate.revoked';
  return suspension === 'final' ? 'certificate.suspended' : 'certificate.on-hold';
}

function revocationDetail({ revokedAt, reason }: Revoked): string {
  return `Revoked at ${new Date(revokedAt).toISOString()}, reason ${reason}.`;
}
