import { allSteps } from '../core/all-steps.ts';
import type { EpochMillis } from '../core/brand.ts';
import { inPages } from '../core/in-pages.ts';
import type { ApplicationState } from '../core/sign-transaction/application.ts';
import { isFinal } from '../core/sign-transaction/machine.ts';
import { RENEWALS } from '../core/sign-transaction/renewal.ts';
import type { RelyingParty } from './relying-party.ts';
import { tryStep } from './step.ts';

interface SweepCounts {
  readonly timedOut: number;
  readonly purged: number;
  readonly renewed: number;
}

/**
 * The clock of last resort: ends what is past its deadline, purges what is past its purge instant, and gives a job back
 * to what has waited too long for a worker. Safe at any time and in any number of processes. What fails stops no other.
 */
export async function sweep(ports: RelyingParty): Promise<SweepCounts> {
  const now = ports.clock.now();
  const counts = { timedOut: 0, purged: 0, renewed: 0 };
  await allSteps([
    () => endWhatIsDue(ports, now, counts),
    ...RENEWALS.map(({ states, after }) => async () => {
      counts.renewed += await renewJobs(ports, states, (now - after) as EpochMillis);
    }),
  ]);
  return counts;
}

async function endWhatIsDue(
  ports: RelyingParty,
  now: EpochMillis,
  counts: { timedOut: number; purged: number },
): Promise<void> {
  await inPages(
    (limit) => ports.applications.due(now, limit),
    async (application) => {
      const kind = isFinal(application.state) ? 'purged' : 'timed-out';
      if ((await tryStep(ports, application, { kind })) === undefined) return false;
      counts[kind === 'purged' ? 'purged' : 'timedOut'] += 1;
      return true;
    },
  );
}

function renewJobs(
  ports: RelyingParty,
  states: readonly ApplicationState[],
  before: EpochMillis,
): Promise<number> {
  return inPages(
    (limit) => ports.applications.stuck(states, before, limit),
    async (application) => (await tryStep(ports, application, { kind: 'job-renewed' })) !== undefined,
  );
}
