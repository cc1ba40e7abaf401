import type { JobQueue } from '../../ports/job-queue.ts';
import type { QueueOptions } from './queue-options.ts';
import { openSqlQueue } from './sql-queue.ts';

export type { QueueOptions };

/** @throws JitsuinError `queue.unavailable` (Redis unreachable or its `maxmemory-policy` is not `noeviction`) */
export async function openQueue(options: QueueOptions): Promise<JobQueue> {
  if (options.redisUrl === undefined) return openSqlQueue(options);
  // Loaded only where it is used: BullMQ doubles the start-up time of a process that needs no Redis.
  const { openBullmqQueue } = await import('./bullmq-queue.ts');
  return openBullmqQueue(options, options.redisUrl);
}
