import type { Insertable } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import { JOB_PAYLOAD_VERSION, type JobRequest } from '../../../ports/job-queue.ts';
import { drawnOctets, uuidV7 } from '../../random.ts';
import { laterOnce } from '../engine/later.ts';
import type { StoreTransaction } from '../engine/store-engine.ts';
import type { RowMacs } from '../rows/row-macs.ts';
import type { JobTable } from '../schema/schema.ts';

const insertJob = laterOnce((db, row: Insertable<JobTable>) =>
  db
    .insertInto('jobs')
    .values(row)
    .onConflict((conflict) => conflict.column('job_key').doNothing())
    .compile(),
);

/**
 * Writes jobs in the transaction of the change that needs them. A key that is already there stays as it is:
 * published once.
 */
export async function insertJobs(
  transaction: StoreTransaction,
  macs: RowMacs,
  jobs: readonly JobRequest[],
  now: EpochMillis,
): Promise<void> {
  if (jobs.length === 0) return;
  const rows = jobs.map((job) =>
    macs.sealed('jobs', {
      id: uuidV7(now, 0, drawnOctets(8)),
      name: job.name,
      version: JOB_PAYLOAD_VERSION,
      subject: job.subject,
      job_key: job.key,
      state: 'waiting' as const,
      run_at: job.notBefore ?? now,
      attempts: 0,
      losses: 0,
      fence: 0,
      lease_until: 0,
      created_at: now,
      endpoint: job.lane?.endpoint ?? null,
      tenant: job.lane?.tenant ?? null,
    }),
  );
  for (const row of rows) await insertJob(transaction, row);
}
