import type { EpochMillis } from '../core/brand.ts';
import { inPages } from '../core/in-pages.ts';
import type { ApplicationEvent } from '../core/sign-transaction/events.ts';
import { isFinal } from '../core/sign-transaction/machine.ts';
import { RENEWALS } from '../core/sign-transaction/renewal.ts';
import type { RelyingParty } from './relying-party.ts';
import { tryStep } from './step.ts';

export interface SweepCounts {
  readonly timedOut: number;
  readonly purged: number;
  readonly renewed: number;
}

/**
 * The clock of last resort: ends what is past its deadline, purges what is past its purge instant, and gives a job back
 * to what has waited too long for a worker. Safe at any time and in any number of processes.
 */
export async function sweep(ports: RelyingParty): Promise<SweepCounts> {
  const now = ports.clock.now();
  let purged = 0;
  const ended = await inPages(
    (limit) => ports.applications.due(now, limit),
    async (application) => {
      const event: ApplicationEvent = { kind: isFinal(application.state) ? 'purged' : 'timed-out' };
      if ((await tryStep(ports, application, event)) === undefined) return false;
      if (event.kind === 'purged') purged += 1;
      return true;
    },
  );
  return { timedOut: ended - purged, purged, renewed: await renewJobs(ports, now) };
}

async function renewJobs(ports: RelyingParty, now: EpochMillis): Promise<number> {
  let renewed = 0;
  for (const { states, after } of RENEWALS) {
    const before = (now - after) as EpochMillis;
    renewed += await inPages(
      (limit) => ports.applications.stuck(states, before, limit),
      async (application) => (await tryStep(ports, application, { kind: 'job-renewed' })) !== undefined,
    );
  }
  return renewed;
}
