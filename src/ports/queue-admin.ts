import type { EpochMillis } from '../core/brand.ts';
import type { DeadLetter, JobCounts, JobName } from './job-queue.ts';

/** A job that failed and will be tried again. */
export interface FailingJob {
  readonly id: string;
  readonly name: JobName;
  readonly subject: string;
  readonly attempts: number;
  /** Stable error code of the newest failure. */
  readonly reason: string;
  /** HTTP status of who answered instead, and octets of the body that was sent where a proxy did. */
  readonly status?: number;
  readonly octets?: number;
  readonly nextRunAt: EpochMillis;
}

/** What an operator sees and does about jobs, whatever dispatches them; no handler is needed for it. */
export interface QueueAdmin {
  counts(): Promise<JobCounts>;
  /** Job name → seconds for which its oldest due job has waited. */
  oldestDue(): Promise<Readonly<Record<string, number>>>;
  /** Newest first. */
  deadLetters(limit: number): Promise<readonly DeadLetter[]>;
  /** Most attempts first. */
  failing(limit: number): Promise<readonly FailingJob[]>;
  /** Jobs of this subject that failed and wait for another run. */
  failingOf(subject: string): Promise<readonly FailingJob[]>;
  /** Puts a dead letter back to work with a clean count. False when there is none of that id. */
  retry(id: string): Promise<boolean>;
  /** Gives a dead letter up: kept as done for a week, so that the same step is not queued again. */
  drop(id: string): Promise<boolean>;
}
