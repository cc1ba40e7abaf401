import type { Clock } from '../../ports/clock.ts';
import type { Effects } from '../../ports/effects.ts';
import type { Sealer } from '../../ports/sealer.ts';
import { currentClaim, holds } from './claims/job-claim.ts';
import type { StoreConnection } from './engine/connection.ts';
import type { StoreTransaction } from './engine/store-engine.ts';
import { guarded } from './engine/store-errors.ts';
import { insertConsents } from './records/insert-consents.ts';
import { insertFees } from './records/insert-fees.ts';
import { insertJobs } from './records/outbox.ts';
import type { StoreRole } from './store-options.ts';
import type { Restored } from './upkeep/store-marks.ts';
import { insertNotices } from './webhooks/webhook-notices.ts';

/** What every part of one store shares. */
export interface StoreContext {
  readonly connection: StoreConnection;
  readonly role: StoreRole;
  readonly sealer: Sealer;
  readonly clock: Clock;
  /** The last restore from a backup that was declared. */
  readonly restored?: Restored;
}

/**
 * One state change with its jobs and audit records in one transaction. `change` answers false when it was not to be
 * (somebody else was first): then nothing at all is written. It may be called again after a rollback. A change that a job
 * makes is not to be either once its claim is lost.
 */
export async function changeWithEffects(
  { connection, clock }: StoreContext,
  effects: Effects,
  change: (transaction: StoreTransaction) => Promise<boolean>,
): Promise<boolean> {
  const jobs = effects.jobs ?? [];
  const claim = currentClaim();
  const changed = await guarded(() =>
    connection.changes.add(async (transaction) => {
      if (claim !== undefined && !(await holds(transaction, connection, claim))) return undefined;
      if (!(await change(transaction))) return undefined;
      await insertFees(transaction, effects.fees ?? []);
      await insertConsents(transaction, effects.consents ?? []);
      const told = await insertNotices(transaction, effects.notices ?? [], clock.now());
      await insertJobs(transaction, [...jobs, ...told], clock.now());
      return effects.audit;
    }),
  );
  if (changed && (jobs.length > 0 || effects.notices !== undefined)) connection.jobsCommitted();
  return changed;
}
