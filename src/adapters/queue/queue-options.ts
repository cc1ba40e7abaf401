import type { Clock } from '../../ports/clock.ts';
import type { JobName } from '../../ports/job-queue.ts';
import type { Log } from '../../ports/log.ts';
import type { Store } from '../store/store-options.ts';

export interface QueueOptions {
  readonly store: Store;
  /** `redis://…` or `rediss://…`: BullMQ dispatches; absent: the SQL queue polls. */
  readonly redisUrl?: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Redis key prefix; default `jitsuin:<role>`. */
  readonly prefix?: string;
  /** How long a claim lives without a heartbeat; default 30 s. */
  readonly leaseMillis?: number;
  /** When a handler is told to stop and the run counts as failed (`queue.time-limit`); default 60 s. */
  readonly timeLimitMillis?: number;
  /** Runs before a retryable failure becomes a dead letter; default 100. */
  readonly maxAttempts?: number;
  /** Leases that may run out (its worker died or hung) before the job is a dead letter; default 10. */
  readonly maxLosses?: number;
  /** First back-off; doubled with every attempt, up to one minute, with jitter. Default 1 s. */
  readonly backoffMillis?: number;
  /** How often an idle SQL queue looks; default 250 ms. */
  readonly pollMillis?: number;
  /** When a job that Redis should have brought is handed to it again (Redis was flushed); default 30 s. */
  readonly republishMillis?: number;
  /** Starts per duration of one job name over all processes (BullMQ and SQL): the service forbids mass access. */
  readonly limits?: Partial<Record<JobName, { readonly max: number; readonly durationMillis: number }>>;
}
