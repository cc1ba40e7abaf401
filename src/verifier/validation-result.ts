import { ERROR_CODES, type ErrorCode } from '../core/errors.ts';
import type { Check, Report } from '../core/report.ts';
import type { VerificationResult } from '../core/sign-transaction/verification.ts';

/** The check that decided a report: the first failed one, else the first that stayed open. */
export function decisiveCheck(report: Report): Check | undefined {
  const failed = report.checks.find((check) => check.result === 'failed');
  return failed ?? report.checks.find((check) => check.result === 'indeterminate');
}

/**
 * Report → the result word of the field's operators (facts/auth-and-sign-api.md section 5.1). What failed first decides:
 * a wrong signature is SIGNATURE_MISMATCH even when its certificate is revoked too.
 */
export function verificationResult(report: Report): VerificationResult {
  if (report.indication === 'TOTAL-PASSED') return 'OK';
  if (report.indication === 'INDETERMINATE') return 'INDETERMINATE';
  const code = decisiveCheck(report)?.code ?? '';
  if (code === 'certificate.revoked') return 'CERTIFICATE_REVOKED';
  if (code === 'certificate.expired') return 'CERTIFICATE_EXPIRED';
  return code.startsWith('certificate.') || code.startsWith('der.')
    ? 'CERTIFICATE_INVALID'
    : 'SIGNATURE_MISMATCH';
}

/** Whether fresh revocation data could still decide: INDETERMINATE, and only for want of it. */
export function isRetryable(report: Report): boolean {
  if (report.indication !== 'INDETERMINATE') return false;
  const code = decisiveCheck(report)?.code;
  return code !== undefined && isErrorCode(code) && ERROR_CODES[code] === 'undecided';
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}
