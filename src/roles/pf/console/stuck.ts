import type { EpochMillis } from '../../../core/brand.ts';
import { outcomeOfVerification } from '../../../core/outcomes.ts';
import { VERIFICATION_RENEWAL } from '../../../core/sign-transaction/renewal.ts';
import type { Verification } from '../../../core/sign-transaction/verification.ts';
import { VERIFICATION_MACHINE } from '../../../core/sign-transaction/verification-machine.ts';
import type { PlatformOperator } from '../../../pf/platform-operator.ts';
import type { StuckRecord } from '../../../web/console/console-ports.ts';

/** Verifications that were received long enough ago for a worker to have judged them. */
export async function stuckVerifications(
  { verifications, clock, deadline }: Pick<PlatformOperator, 'verifications' | 'clock' | 'deadline'>,
  limit: number,
): Promise<readonly StuckRecord[]> {
  const expected = Math.min(VERIFICATION_RENEWAL, deadline);
  const until = (clock.now() - expected + deadline) as EpochMillis;
  return (await verifications.standing('received', until, limit)).map(stuckRecord);
}

function stuckRecord(verification: Verification): StuckRecord {
  const { id, tenant, state, createdAt, updatedAt, deadline } = verification;
  const { on } = VERIFICATION_MACHINE[state];
  const renewal = {
    event: 'job-renewed',
    at: (updatedAt + VERIFICATION_RENEWAL) as EpochMillis,
    into: state,
  } as const;
  const end = { event: 'timed-out', at: deadline, into: on['timed-out'] ?? state } as const;
  return {
    id,
    tenant,
    status: state,
    outcome: outcomeOfVerification(verification),
    since: createdAt,
    exits: renewal.at < deadline ? [renewal, end] : [end],
  };
}
