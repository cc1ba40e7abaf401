import { allSteps } from '../core/all-steps.ts';
import type { EpochMillis } from '../core/brand.ts';
import { inPages } from '../core/in-pages.ts';
import { VERIFICATION_RENEWAL } from '../core/sign-transaction/renewal.ts';
import { FINAL_VERIFICATION_STATES, type Verification } from '../core/sign-transaction/verification.ts';
import { applyVerificationEvent } from '../core/sign-transaction/verification-machine.ts';
import { HOUR_MILLIS } from '../core/spans.ts';
import { deleteVerification } from './delete-verification.ts';
import { keepBundleUntil } from './judge-again.ts';
import { verificationFields } from './log-fields.ts';
import type { PlatformOperator } from './platform-operator.ts';
import { verifyJob } from './verify-job.ts';

/** Of one round; more than a round's time brings. */
const FILES = 200;
const CONSENTS = 5_000;
/** Longer than any lease. */
const LEASES_KEPT = HOUR_MILLIS;

/**
 * Job `sweep`: ends what is past its deadline, purges secrets past their clock, and publishes anew the job of a
 * verification that nobody works on (a lost or dead job). Each step by compare-and-set; one that fails stops no
 * other. Gives how many records it changed.
 */
export async function sweep(operator: PlatformOperator): Promise<number> {
  const now = operator.clock.now();
  let changed = 0;
  const count = (step: () => Promise<number>) => async () => {
    changed += await step();
  };
  try {
    await allSteps([
      count(() => endWhatIsDue(operator, now)),
      count(() => reviveWhatIsStuck(operator, now)),
      count(() => deleteOutlived(operator, now)),
      count(() => operator.evidence.collectFiles(FILES)),
      count(() => operator.consents.purge(now, CONSENTS)),
      // what a process left that died in the middle of a submission, and one row a verification of older programs
      count(() => operator.leases.purge((now - LEASES_KEPT) as EpochMillis, CONSENTS)),
    ]);
  } finally {
    if (changed > 0) operator.log.info('sweep.done', { count: changed });
  }
  return changed;
}

function endWhatIsDue(operator: PlatformOperator, now: EpochMillis): Promise<number> {
  return inPages(
    (limit) => operator.verifications.due(now, limit),
    (verification) =>
      FINAL_VERIFICATION_STATES.includes(verification.state)
        ? purge(operator, verification, now)
        : expire(operator, verification, now),
  );
}

function reviveWhatIsStuck(operator: PlatformOperator, now: EpochMillis): Promise<number> {
  const before = (now - VERIFICATION_RENEWAL) as EpochMillis;
  return inPages(
    (limit) => operator.verifications.stuck(['received'], before, limit),
    (verification) => revive(operator, verification, now),
  );
}

/** The retention clock: verdict, receipt and evidence go, the link in the evidence chain and the audit records stay. */
async function deleteOutlived(operator: PlatformOperator, now: EpochMillis): Promise<number> {
  const { retention, verifications } = operator;
  if (retention === undefined) return 0;
  return inPages(
    (limit) => verifications.outlived((now - retention) as EpochMillis, limit),
    async (verification) => {
      await deleteVerification(operator, verification, 'retention');
      return true;
    },
  );
}

async function expire(
  operator: PlatformOperator,
  verification: Verification,
  now: EpochMillis,
): Promise<boolean> {
  const { id, tenant } = verification;
  const next = applyVerificationEvent(
    verification,
    { kind: 'timed-out', keepUntil: keepBundleUntil(operator, now) },
    now,
  );
  const code = next.failure?.code ?? 'transaction.expired';
  const won = await operator.verifications.update(next, {
    audit: [{ event: 'verification.expired', subject: id, tenant, at: now, code }],
    notices: [{ type: 'verification.expired', tenant, at: now, data: { id, state: next.state } }],
  });
  if (won) operator.log.error('verification.expired', { ...verificationFields(verification), code });
  return won;
}

function purge(operator: PlatformOperator, verification: Verification, now: EpochMillis): Promise<boolean> {
  const { id, tenant } = verification;
  return operator.verifications.update(applyVerificationEvent(verification, { kind: 'purged' }, now), {
    audit: [{ event: 'verification.purged', subject: id, tenant, at: now }],
  });
}

function revive(operator: PlatformOperator, verification: Verification, now: EpochMillis): Promise<boolean> {
  const { id, tenant } = verification;
  const next = applyVerificationEvent(verification, { kind: 'job-renewed' }, now);
  return operator.verifications.update(next, {
    jobs: [verifyJob(next, `verify:${id}:${next.revision}`)],
    audit: [{ event: 'verification.revived', subject: id, tenant, at: now }],
  });
}
