import type { VerificationStatus } from '../../contracts/verification.ts';
import type { Verification } from '../../core/sign-transaction/verification.ts';

/** A verification as its tenant may see it, member by member: nothing of the certificate has a way in. */
export function verificationView(verification: Verification): VerificationStatus {
  const { id, submissionKey, state, checkMethod, createdAt, decidedAt, result, report, failure } =
    verification;
  const { signedOctetsSha256, subjectId } = verification;
  return {
    id,
    submission_id: submissionKey,
    state,
    check_method: checkMethod,
    created_at: new Date(createdAt).toISOString(),
    ...(result === undefined ? {} : { result }),
    ...(report === undefined ? {} : reportView(report)),
    ...(signedOctetsSha256 === undefined ? {} : { signed_octets_sha256: signedOctetsSha256 }),
    ...(subjectId === undefined ? {} : { subject_id: subjectId }),
    ...(failure === undefined ? {} : { failure: failure.code }),
    ...(decidedAt === undefined ? {} : { decided_at: new Date(decidedAt).toISOString() }),
  };
}

/** Names, results and codes only; `detail` is for the operator. */
function reportView(
  report: NonNullable<Verification['report']>,
): Pick<VerificationStatus, 'indication' | 'sub_indication' | 'checks'> {
  return {
    indication: report.indication,
    ...(report.subIndication === undefined ? {} : { sub_indication: report.subIndication }),
    checks: report.checks.map(({ name, result, code, subIndication }) => ({
      name,
      result,
      ...(code === undefined ? {} : { code }),
      ...(subIndication === undefined ? {} : { sub_indication: subIndication }),
    })),
  };
}
