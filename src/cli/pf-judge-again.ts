import { systemClock } from '../adapters/clock.ts';
import type { VerificationId } from '../core/brand.ts';
import { endedBy, judgeAgain } from '../pf/judge-again.ts';
import { judgeAgainCommand } from './judge-again.ts';

export const pfJudgeAgain = judgeAgainCommand({
  role: 'pf',
  about: `Has verifications judged once more that ended without a verdict (refused or expired) or undecided
(INDETERMINATE at their deadline) and whose bundle is still kept (sealed, until the retention of its end, 30 days
where none is set): after a key, list, policy or clock of ours was put right. Each gets as much time as it had.
Noted in the audit chain. Who has a verdict keeps it. Either ids or --code.`,
  endedBy: ({ verifications }, code) => endedBy(verifications, code),
  again: async ({ verifications, evidence }, id) => {
    const ports = { verifications, evidence, clock: systemClock };
    return (await judgeAgain(ports, id as VerificationId, { by: 'command' })).state;
  },
});
