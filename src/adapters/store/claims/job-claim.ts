import { AsyncLocalStorage } from 'node:async_hooks';
import { compiledOnce } from '../engine/compiled-once.ts';
import type { StoreConnection } from '../engine/connection.ts';
import type { StoreTransaction } from '../engine/store-engine.ts';

/** A run's hold on its job: another claim has a higher fence. */
export interface JobClaim {
  readonly id: string;
  readonly fence: number;
}

const heldRow = compiledOnce((db, { id, fence }: JobClaim) =>
  db
    .selectFrom('jobs')
    .select('id')
    .where('id', '=', id)
    .where('fence', '=', fence)
    .where('state', '=', 'active')
    .compile(),
);

const heldRowForShare = compiledOnce((db, { id, fence }: JobClaim) =>
  db
    .selectFrom('jobs')
    .select('id')
    .where('id', '=', id)
    .where('fence', '=', fence)
    .where('state', '=', 'active')
    .forShare()
    .compile(),
);

const runs = new AsyncLocalStorage<JobClaim>();

/** Runs a job's handler: state changes that it makes are refused once the claim is lost, however late it wakes. */
export function underClaim<T>(claim: JobClaim, run: () => T): T {
  return runs.run(claim, run);
}

/** The claim under which the caller runs; undefined outside of jobs. */
export function currentClaim(): JobClaim | undefined {
  return runs.getStore();
}

/** Whether the claim is the newest one and active; nobody claims the job before this transaction has ended. */
export async function holds(
  transaction: StoreTransaction,
  { engine }: Pick<StoreConnection, 'engine'>,
  { id, fence }: JobClaim,
): Promise<boolean> {
  const held = await (engine === 'postgres' ? heldRowForShare : heldRow)(transaction, { id, fence });
  return held.rows.length > 0;
}
