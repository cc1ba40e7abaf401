import { JitsuinError } from '../core/errors.ts';
import { FINAL_VERIFICATION_STATES, type Verification } from '../core/sign-transaction/verification.ts';
import { applyVerificationEvent } from '../core/sign-transaction/verification-machine.ts';
import type { PlatformOperator } from './platform-operator.ts';

/** Why a verification goes: its tenant asked, or its retention clock ran out. */
type DeletionCause = 'tenant' | 'retention';

/**
 * Deletes evidence, verdict and receipt. What stays: the id, the submission's own id and the hashes by which a
 * replay is known, the link in the evidence chain, and the audit record of the deletion. Deleted before: nothing
 * happens.
 * @throws JitsuinError `transaction.state` while it is being worked on, `store.conflict`, `store.*`
 */
export async function deleteVerification(
  operator: Pick<PlatformOperator, 'verifications' | 'evidence' | 'statusChecks' | 'clock'>,
  verification: Verification,
  cause: DeletionCause,
): Promise<void> {
  const { id, tenant, deletedAt, state } = verification;
  if (deletedAt !== undefined) return;
  if (!FINAL_VERIFICATION_STATES.includes(state))
    throw new JitsuinError(
      'transaction.state',
      'The verification is being worked on; it can be deleted at its end.',
    );
  const now = operator.clock.now();
  // Evidence first: a stop in between leaves a record that says so and can be deleted again.
  await operator.evidence.delete(id, tenant, now);
  await operator.statusChecks.forget(id, tenant);
  const next = applyVerificationEvent(verification, { kind: 'deleted' }, now);
  const facts = { cause };
  const audit = [{ event: 'verification.deleted', subject: id, tenant, at: now, facts }];
  if (await operator.verifications.update(next, { audit })) return;
  const newest = await operator.verifications.get(id, tenant);
  if (newest?.deletedAt === undefined)
    throw new JitsuinError('store.conflict', 'The verification was changed meanwhile.');
}
