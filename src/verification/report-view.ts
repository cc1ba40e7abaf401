import type { VerificationReportView } from '../contracts/verification.ts';
import { defined } from '../core/defined.ts';
import type { VerificationResult } from '../core/sign-transaction/verification.ts';
import type { ReportFacts } from '../core/validation-report/etsi-report.ts';

/** A report for programs, member by member: names, results and codes only. */
export function reportView(
  id: string,
  result: VerificationResult,
  facts: ReportFacts,
): VerificationReportView {
  const { report, signedOctetsSha256, policy } = facts;
  return defined({
    id,
    result,
    indication: report.indication,
    sub_indication: report.subIndication,
    signed_octets_sha256: signedOctetsSha256,
    validation_time: new Date(report.validationTime).toISOString(),
    policy,
    checks: report.checks.map(({ name, result: outcome, code, subIndication }) =>
      defined({ name, result: outcome, code, sub_indication: subIndication }),
    ),
  });
}
