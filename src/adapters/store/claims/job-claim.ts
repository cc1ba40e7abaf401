import { AsyncLocalStorage } from 'node:async_hooks';

import type { StoreConnection } from '../engine/connection.ts';
import { oneRow } from '../engine/later.ts';
import type { StoreTransaction } from '../engine/store-engine.ts';

/** A run's hold on its job: another claim has a higher fence. */
export interface JobClaim {
  readonly id: string;
  readonly fence: number;
  /** The record that the job is about. */
  readonly subject: string;
  /** A change of the run ended the job in its own transaction. */
  ended: boolean;
}

type Hold = Pick<JobClaim, 'id' | 'fence'>;

const heldRow = oneRow((db, { id, fence }: Hold, engine) => {
  const held = db
    .selectFrom('jobs')
    .select('id')
    .where('id', '=', id)
    .where('fence', '=', fence)
    .where('state', '=', 'active');
  return engine === 'postgres' ? db.selectFrom(held.forShare().as('held')).select('held.id') : held;
});

const endRow = oneRow((db, { id, fence, now }: Hold & { readonly now: number }) =>
  db
    .updateTable('jobs')
    .set({ state: 'done', lease_owner: null, lease_until: 0, finished_at: now })
    .where('id', '=', id)
    .where('fence', '=', fence)
    .where('state', '=', 'active')
    .returning('id'),
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
  return heldRow(transaction, { id, fence }, engine);
}

/** Ends the job with the change that was its work. False where the claim was lost: then nothing of it may stay. */
export async function endJob(
  transaction: StoreTransaction,
  { engine }: Pick<StoreConnection, 'engine'>,
  { id, fence }: JobClaim,
  now: number,
): Promise<boolean> {
  return endRow(transaction, { id, fence, now }, engine);
}
