import type { VerificationStatus } from '../../contracts/verification.ts';
import { defined } from '../../core/defined.ts';
import type { Verification } from '../../core/sign-transaction/verification.ts';

/** A verification as its tenant may see it, member by member: nothing of the certificate has a way in. */
export function verificationView(verification: Verification): VerificationStatus {
  const { id, submissionKey, state, checkMethod, createdAt, decidedAt, result, report, failure } =
    verification;
  const { signedOctetsSha256, subjectId } = verification;
  return defined({
    id,
    submission_id: submissionKey,
    state,
    check_method: checkMethod,
    created_at: new Date(createdAt).toISOString(),
    result,
    ...(report && reportView(report)),
    signed_octets_sha256: signedOctetsSha256,
    subject_id: subjectId,
    failure: failure === undefined ? undefined : failure.code,
    decided_at: decidedAt === undefined ? undefined : new Date(decidedAt).toISOString(),
  });
}

/** Names, results and codes only; `detail` is for the operator. */
function reportView(
  report: NonNullable<Verification['report']>,
): Pick<VerificationStatus, 'indication' | 'sub_indication' | 'checks' | 'policy'> {
  return defined({
    indication: report.indication,
    sub_indication: report.subIndication,
    policy: report.policy,
    checks: report.checks.map(({ name, result, code, subIndication }) =>
      defined({
        name,
        result,
        code,
        sub_indication: subIndication,
      }),
    ),
  });
}
