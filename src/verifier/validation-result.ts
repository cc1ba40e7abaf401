import { reportRow } from '../core/indications.ts';
import { decisiveCheck, type Report } from '../core/report.ts';
import type { VerificationResult } from '../core/sign-transaction/verification.ts';

/**
 * Report → the result word of the field's operators (facts/auth-and-sign-api.md section 5.1). What is of the class
 * `hold` or `retry` is about our side, or undecided, and never a word about the citizen's certificate; nor is a
 * limit of ours.
 */
export function verificationResult(report: Report): VerificationResult {
  if (report.indication === 'TOTAL-PASSED') return 'OK';
  if (report.class === 'hold' || report.class === 'retry') return 'INDETERMINATE';
  const code = decisiveCheck(report)?.code ?? '';
  if (code === 'certificate.revoked' || code === 'certificate.suspended') return 'CERTIFICATE_REVOKED';
  if (code === 'certificate.expired') return 'CERTIFICATE_EXPIRED';
  if (OUR_LIMITS.test(code) || reportRow(code) === undefined) return 'INDETERMINATE';
  return code.startsWith('certificate.') || code.startsWith('der.')
    ? 'CERTIFICATE_INVALID'
    : 'SIGNATURE_MISMATCH';
}

const OUR_LIMITS = /^(?:xml|der|certificate)\.(?:size|limit)$/;
