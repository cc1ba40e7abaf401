import type { TenantId } from '../core/brand.ts';
import { JitsuinError } from '../core/errors.ts';
import { FINAL_VERIFICATION_STATES, type Verification } from '../core/sign-transaction/verification.ts';
import { deleteVerification } from './delete-verification.ts';
import type { PlatformOperator } from './platform-operator.ts';

const PAGE = 100;

/** The newest verification of a citizen that was found good: its certificate is the one to ask about. */
export async function newestOfSubject(
  operator: Pick<PlatformOperator, 'verifications'>,
  tenant: TenantId,
  subjectId: string,
): Promise<Verification | undefined> {
  const [newest] = await operator.verifications.list({ tenant, subjectId, results: ['OK'], limit: 1 });
  return newest;
}

/**
 * Forgets a citizen of a tenant: every verification of this id is deleted with its evidence, and the id leads to no
 * certificate any more; the same citizen gets another one when he signs again. What stays: consents by their own
 * clock, the entries of the bill, the audit records. Asked again after a stop in between, it goes on.
 * @returns how many verifications were deleted now; undefined where the tenant has no such citizen
 * @throws JitsuinError `transaction.state` (one is being worked on; nothing is deleted then)
 */
export async function forgetSubject(
  operator: PlatformOperator,
  tenant: TenantId,
  subjectId: string,
): Promise<number | undefined> {
  const own = { tenant, subjectId };
  const working = await operator.verifications.list({ ...own, states: ['received'], limit: 1 });
  if (working.length > 0)
    throw new JitsuinError(
      'transaction.state',
      'A verification of this citizen is being worked on; he can be forgotten at its end.',
    );
  let deleted = 0;
  for (;;) {
    const page = await operator.verifications.list({
      ...own,
      states: FINAL_VERIFICATION_STATES,
      limit: PAGE,
    });
    for (const verification of page) await deleteVerification(operator, verification, 'tenant');
    deleted += page.length;
    if (page.length < PAGE) break;
  }
  const at = operator.clock.now();
  const audit = [{ event: 'subject.forgotten', subject: subjectId, tenant, at, facts: { deleted } }];
  const known = await operator.subjects.forget(tenant, subjectId, audit);
  return known || deleted > 0 ? deleted : undefined;
}
