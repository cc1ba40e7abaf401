import type { EpochMillis } from '../../../core/brand.ts';
import { outcomeOfApplication } from '../../../core/outcomes.ts';
import type { Application, ApplicationState } from '../../../core/sign-transaction/application.ts';
import { isFinal } from '../../../core/sign-transaction/machine.ts';
import { CLOCKS, MACHINE } from '../../../core/sign-transaction/machine-table.ts';
import { RENEWALS } from '../../../core/sign-transaction/renewal.ts';
import { MINUTE_MILLIS } from '../../../core/spans.ts';
import type { ApplicationStore } from '../../../ports/application-store.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { StuckRecord } from '../../../web/console/console-ports.ts';

/** A sweep comes every few seconds: only what it left for so long is worth a look. */
const SWEEP_GRACE = MINUTE_MILLIS;
const STATES = Object.keys(MACHINE) as readonly ApplicationState[];

/** Applications that a worker should have had by now, and those past their clock that no sweep has ended. */
export async function stuckApplications(
  { applications, clock }: { readonly applications: ApplicationStore; readonly clock: Clock },
  limit: number,
): Promise<readonly StuckRecord[]> {
  const now = clock.now();
  const found = await Promise.all(
    STATES.filter((state) => !isFinal(state)).map((state) => {
      const life = CLOCKS[MACHINE[state].clock];
      const expected = renewedAfter(state) ?? life + SWEEP_GRACE;
      return applications.standing(state, (now - expected + life) as EpochMillis, limit);
    }),
  );
  return found
    .flat()
    .map(stuckRecord)
    .sort((a, b) => a.since - b.since)
    .slice(0, limit);
}

function renewedAfter(state: ApplicationState): number | undefined {
  return RENEWALS.find(({ states }) => states.includes(state))?.after;
}

function stuckRecord(application: Application): StuckRecord {
  const { id, tenant, state, updatedAt, deadline } = application;
  const { clock, on } = MACHINE[state];
  const after = renewedAfter(state);
  const renewal = {
    event: 'job-renewed',
    at: (updatedAt + (after ?? 0)) as EpochMillis,
    into: state,
  } as const;
  const end = { event: 'timed-out', at: deadline, into: on['timed-out'] ?? state } as const;
  const exits = after === undefined || renewal.at >= deadline ? [end] : [renewal, end];
  const outcome = outcomeOfApplication(application);
  return { id, tenant, status: state, outcome, since: (deadline - CLOCKS[clock]) as EpochMillis, exits };
}
