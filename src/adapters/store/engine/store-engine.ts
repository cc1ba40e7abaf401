import type { Transaction } from 'kysely';
import type { JobRequest } from '../../../ports/job-queue.ts';
import type { StoreSchema } from '../schema/schema.ts';

export type StoreEngine = 'sqlite' | 'postgres';

export type StoreTransaction = Transaction<StoreSchema>;

/** Hears of jobs that this process has committed. */
export type JobListener = (jobs: readonly JobRequest[]) => void;
