import type { EpochMillis } from '../core/brand.ts';
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

const PAGE = 200;

/**
 * The clock of last resort: ends what is past its deadline, purges what is past its purge instant, and gives a job back
 * to what has waited too long for a worker. Safe at any time and in any number of processes.
 */
export async function sweep(ports: RelyingParty): Promise<SweepCounts> {
  const now = ports.clock.now();
  let timedOut = 0;
  let purged = 0;
  for (const application of await ports.applications.due(now, PAGE)) {
    const event: ApplicationEvent = { kind: isFinal(application.state) ? 'purged' : 'timed-out' };
    if ((await tryStep(ports, application, event)) === undefined) continue;
    if (event.kind === 'purged') purged += 1;
    else timedOut += 1;
  }
  return { timedOut, purged, renewed: await renewJobs(ports, now) };
}

async function renewJobs(ports: RelyingParty, now: EpochMillis): Promise<number> {
  let renewed = 0;
  for (const { states, after } of RENEWALS) {
    const before = (now - after) as EpochMillis;
    for (const application of await ports.applications.stuck(states, before, PAGE)) {
      if ((await tryStep(ports, application, { kind: 'job-renewed' })) !== undefined) renewed += 1;
    }
  }
  return renewed;
}
