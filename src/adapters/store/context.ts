import { JitsuinError } from '../../core/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Effects } from '../../ports/effects.ts';
import type { JobRequest } from '../../ports/job-queue.ts';
import type { Sealer } from '../../ports/sealer.ts';
import { currentClaim, endJob, holds } from './claims/job-claim.ts';
import type { StoreConnection } from './engine/connection.ts';
import type { StoreTransaction } from './engine/store-engine.ts';
import { guarded } from './engine/store-errors.ts';
import { sealedEvidence } from './evidence/insert-evidence.ts';
import { insertConsents } from './records/insert-consents.ts';
import { insertFees } from './records/insert-fees.ts';
import { insertJobs } from './records/outbox.ts';
import type { RowMacs } from './rows/row-macs.ts';
import type { TableHeads } from './rows/table-heads.ts';
import type { StoreRole } from './store-options.ts';
import type { Restored } from './upkeep/store-marks.ts';
import { insertNotices } from './webhooks/webhook-notices.ts';

/** What every part of one store shares. */
export interface StoreContext {
  readonly connection: StoreConnection;
  readonly role: StoreRole;
  readonly sealer: Sealer;
  readonly rows: RowMacs;
  readonly heads: TableHeads;
  /** `upkeep/introduce-macs.ts` */
  readonly indexHash: (text: string) => Promise<string>;
  readonly clock: Clock;
  /** The last restore from a backup that was declared. */
  readonly restored?: Restored;
}

/**
 * One state change with its jobs and audit records in one transaction. `change` answers false when it was not to be
 * (somebody else was first): then nothing at all is written. It may be called again after a rollback. A change that
 * a job makes is not to be either once its claim is lost.
 */
export async function changeWithEffects(
  context: StoreContext,
  effects: Effects,
  change: (transaction: StoreTransaction) => Promise<boolean>,
): Promise<boolean> {
  const { connection, clock, rows } = context;
  const claim = currentClaim();
  const ends = claim !== undefined && effects.endsJobOf === claim.subject;
  const evidence = (effects.evidence ?? []).map((record) => sealedEvidence(context, record));
  let jobs: readonly JobRequest[] = [];
  const made = async (transaction: StoreTransaction) => {
    if (claim !== undefined && !ends && !(await holds(transaction, connection, claim))) return undefined;
    if (!(await change(transaction))) return undefined;
    if (ends && !(await endJob(transaction, connection, claim, clock.now()))) throw new ClaimLost();
    await insertFees(transaction, rows, effects.fees ?? []);
    await insertConsents(transaction, rows, effects.consents ?? []);
    const told = await insertNotices(context, transaction, effects.notices ?? []);
    jobs = [...(effects.jobs ?? []), ...told];
    await insertJobs(transaction, rows, jobs, clock.now());
    return effects.audit;
  };
  const changed = await unlessLost(guarded(() => connection.changes.add(made, evidence)));
  if (changed && ends) claim.ended = true;
  if (changed && jobs.length > 0) connection.jobsCommitted(jobs);
  return changed;
}

/** What was written before the claim was found lost goes with its transaction. */
class ClaimLost extends JitsuinError {
  constructor() {
    super('store.conflict', 'Another run has the job by now.');
  }
}

async function unlessLost(changed: Promise<boolean>): Promise<boolean> {
  try {
    return await changed;
  } catch (thrown) {
    if (thrown instanceof ClaimLost) return false;
    throw thrown;
  }
}
