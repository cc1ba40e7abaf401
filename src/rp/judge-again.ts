import type { ApplicationId } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { JitsuinError } from '../core/errors.ts';
import type { Application, ApplicationState } from '../core/sign-transaction/application.ts';
import { canBeJudgedAgain } from '../core/sign-transaction/way-on.ts';
import type { ApplicationStore } from '../ports/application-store.ts';
import type { EvidenceStore } from '../ports/evidence-store.ts';
import { type StepPorts, step } from './step.ts';

interface JudgeAgainPorts extends StepPorts {
  readonly evidence: Pick<EvidenceStore, 'delete'>;
}

/**
 * gov: has an application judged once more that ended without a verdict or undecided and whose result is still kept; it
 * gets as much time as before. What was kept of an undecided end goes, and its hash stays in the chain of the evidence.
 * @param by who wants it, for the audit chain
 * @throws JitsuinError `record.not-found`, `transaction.state` (it has a verdict, or the result is gone),
 * `store.conflict`
 */
export async function judgeAgain(
  ports: JudgeAgainPorts,
  id: ApplicationId,
  by: Readonly<Record<string, string>>,
): Promise<Application> {
  const application = await ports.applications.get(id);
  if (application === undefined) throw new JitsuinError('record.not-found', 'No application has this id.');
  const { verdict, tenant } = application;
  // Evidence first: a stop in between leaves an end that can be judged again as before.
  if (verdict !== undefined && canBeJudgedAgain(application))
    await ports.evidence.delete(verdict.reference, tenant, ports.clock.now());
  return step(ports, application, { kind: 'judged-again', by });
}

const ENDS: readonly ApplicationState[] = ['failed', 'restart-needed', 'decided'];
const PAGE = 200;

/** What ended without a verdict or undecided and has its result still, oldest first. */
export async function judgeableAgain(
  applications: Pick<ApplicationStore, 'list' | 'get'>,
): Promise<readonly Application[]> {
  const found: Application[] = [];
  let after: ApplicationId | undefined;
  for (;;) {
    const page = await applications.list(defined({ states: ENDS, after, limit: PAGE }));
    for (const { id, verdict } of page) {
      if (verdict !== undefined && verdict.indication !== 'INDETERMINATE') continue;
      const whole = await applications.get(id);
      if (whole !== undefined && canBeJudgedAgain(whole)) found.push(whole);
    }
    after = page.at(-1)?.id;
    if (page.length < PAGE) return found.reverse();
  }
}
