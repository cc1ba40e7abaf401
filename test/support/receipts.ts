import { createHash } from 'node:crypto';
import type {
  ReceiptClaims,
  VerificationStatus,
  VerificationSubmission,
} from '../../src/contracts/verification.ts';
import type { ReceiptJudge } from '../../src/ports/receipt-judge.ts';
import { DOCUMENT } from './fakes.ts';

/** Of the document of the fakes, as a file's signature covers it. */
export const DOCUMENT_SHA256 = createHash('sha256').update(DOCUMENT).digest('hex');

/** What a receipt says of a status and the submission that it is about. */
export function claimsOf(status: VerificationStatus, submission: VerificationSubmission): ReceiptClaims {
  const { id, submission_id, result = 'OK', indication = 'TOTAL-PASSED', decided_at } = status;
  const { sub_indication, signed_octets_sha256 } = status;
  const { data, mode, check_method } = submission;
  const profile = submission.profile ?? submission.form?.name ?? '';
  return {
    iss: 'https://pf.example',
    aud: 'tenant',
    iat: 1_750_000_000,
    jti: id,
    verification: {
      ...{ id, submission_id, result, indication, data, profile, mode, check_method },
      ...(sub_indication === undefined ? {} : { sub_indication }),
      ...(signed_octets_sha256 === undefined ? {} : { signed_octets_sha256 }),
      ...({ decided_at } as { decided_at: string }),
    },
  };
}

/** A judge that believes: its claims are what the fake operator told and was told. */
export function honestReceipts(pf: {
  readonly submissions: readonly VerificationSubmission[];
  status(): Promise<VerificationStatus>;
}): ReceiptJudge {
  return {
    judge: async () => {
      const submission = pf.submissions[0];
      if (submission === undefined) throw new Error('nothing was submitted');
      return claimsOf(await pf.status(), submission);
    },
  };
}
