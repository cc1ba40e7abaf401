import type { EpochMillis, VerificationId } from '../core/brand.ts';
import { JitsuinError } from '../core/errors.ts';
import { decisiveCheck } from '../core/report.ts';
import { FINAL_VERIFICATION_STATES, type Verification } from '../core/sign-transaction/verification.ts';
import { applyVerificationEvent } from '../core/sign-transaction/verification-machine.ts';
import { DAY_MILLIS } from '../core/spans.ts';
import type { PlatformOperator } from './platform-operator.ts';
import { verifyJob } from './verify-job.ts';

/** How long the bundle of a verification without a verdict is kept where no retention is set. */
const KEPT = 30 * DAY_MILLIS;

/** Until when what ended without a verdict can be judged again. */
export function keepBundleUntil(
  { retention = KEPT }: Pick<PlatformOperator, 'retention'>,
  now: EpochMillis,
): EpochMillis {
  return (now + retention) as EpochMillis;
}

/** Who wants it, for the audit chain. */
type JudgeAgainFacts = Readonly<Record<string, string>>;

type Ports = Pick<PlatformOperator, 'verifications' | 'evidence' | 'clock'>;

/**
 * Has a verification judged once more that ended without a verdict (refused, expired) or undecided (INDETERMINATE at
 * its deadline) and whose bundle is still kept; it gets as much time as it had. The bundle must be nobody else's by
 * now. What was kept of an undecided end goes, and its hash stays in the chain of the evidence.
 * @throws JitsuinError `record.not-found`, `transaction.state` (it has a verdict, or the bundle is gone),
 * `binding.replay` (handed in
 * again meanwhile), `store.conflict`
 */
export async function judgeAgain(
  { verifications, evidence, clock }: Ports,
  id: VerificationId,
  facts: JudgeAgainFacts,
): Promise<Verification> {
  const verification = await verifications.get(id);
  if (verification === undefined) throw new JitsuinError('record.not-found', 'No verification has this id.');
  const now = clock.now();
  const { tenant, state, bundleHash, deadline, createdAt } = verification;
  const next = applyVerificationEvent(
    verification,
    { kind: 'judged-again', deadline: (now + deadline - createdAt) as EpochMillis },
    now,
  );
  if ((await verifications.findByBundleHash(bundleHash)) !== undefined)
    throw new JitsuinError(
      'binding.replay',
      'The bundle was handed in again meanwhile, under another submission.',
    );
  // Evidence first: a stop in between leaves an end that can be judged again as before.
  if (state === 'decided') await evidence.delete(id, tenant, now);
  const done = await verifications.update(next, {
    jobs: [verifyJob(next, `verify:${id}:${next.revision}`)],
    audit: [
      {
        event: 'verification.judged-again',
        subject: id,
        tenant,
        at: now,
        facts: { ...facts, code: endOf(verification) ?? '' },
      },
    ],
  });
  if (!done) throw new JitsuinError('store.conflict', 'The verification was changed meanwhile.');
  return next;
}

/** Whether `judgeAgain` would take it, but for its bundle's being handed in again. */
export function canBeJudgedAgain({ state, secrets, deletedAt }: Verification): boolean {
  return state !== 'received' && secrets !== undefined && deletedAt === undefined;
}

/** By which code it ended without a verdict, or undecided. */
function endOf({ failure, report }: Verification): string | undefined {
  return failure?.code ?? (report === undefined ? undefined : decisiveCheck(report)?.code);
}

const PAGE = 200;

/** Ids of what ended without a verdict or undecided by this code and has its bundle still, oldest first. */
export async function endedBy(
  verifications: PlatformOperator['verifications'],
  code: string,
): Promise<readonly VerificationId[]> {
  const found: VerificationId[] = [];
  let after: VerificationId | undefined;
  for (;;) {
    const from = after === undefined ? {} : { after };
    const page = await verifications.list({
      states: FINAL_VERIFICATION_STATES,
      withBundle: true,
      limit: PAGE,
      ...from,
    });
    found.push(...page.filter((ended) => endOf(ended) === code).map(({ id }) => id));
    after = page.at(-1)?.id;
    if (page.length < PAGE) return found.reverse();
  }
}
