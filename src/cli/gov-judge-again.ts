import { systemClock } from '../adapters/clock.ts';
import { silentLog } from '../adapters/log/pino-log.ts';
import type { Store } from '../adapters/store/open-store.ts';
import type { ApplicationId } from '../core/brand.ts';
import { decisiveCheck } from '../core/report.ts';
import type { Application } from '../core/sign-transaction/application.ts';
import { CLOCKS } from '../core/sign-transaction/machine-table.ts';
import { judgeAgain, judgeableAgain } from '../rp/judge-again.ts';
import { recordedDecision } from '../verifier/evidence/verify-evidence.ts';
import { judgeAgainCommand } from './judge-again.ts';

export const govJudgeAgain = judgeAgainCommand({
  role: 'gov',
  about: `Has applications judged once more that ended without a verdict (held until their deadline, or failed at the
verification) or undecided (INDETERMINATE) and whose signature and certificate are still kept, sealed, for 30 days:
after a trust anchor, list, policy or clock of ours was put right. Each gets a day again. Noted in the audit chain.
Who has a verdict keeps it. See first whether the citizen has signed again meanwhile. Either ids or --code.`,
  endedBy: async (store, code) => {
    const found: string[] = [];
    for (const application of await judgeableAgain(store.applications))
      if ((await codeOf(store, application)) === code) found.push(application.id);
    return found;
  },
  again: async ({ applications, evidence }, id) => {
    const ports = {
      applications,
      evidence,
      clock: systemClock,
      log: silentLog,
      settings: { clocks: CLOCKS },
    };
    return (await judgeAgain(ports, id as ApplicationId, { by: 'command' })).state;
  },
});

/** By which code it ended without a verdict, or undecided. */
async function codeOf(
  { evidence }: Store,
  { failure, verdict, tenant }: Application,
): Promise<string | undefined> {
  if (verdict === undefined) return failure?.code;
  const octets = await evidence.get(verdict.reference, tenant);
  return octets === undefined ? undefined : decisiveCheck(recordedDecision(octets).report)?.code;
}
