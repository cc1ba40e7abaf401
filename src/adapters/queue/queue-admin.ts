import type { Clock } from '../../ports/clock.ts';
import type { QueueAdmin } from '../../ports/queue-admin.ts';
import { oldestDueJobs } from '../store/records/queue-age.ts';
import type { Store } from '../store/store-options.ts';
import { JobTable } from './job-table.ts';

const MOST_OF_ONE = 20;

/** The operator's side of the queue: `jitsuin jobs` and the console do the same by it. */
export function openQueueAdmin(store: Store, clock: Clock): QueueAdmin {
  const table = new JobTable(store);
  return {
    counts: () => table.counts(clock.now()),
    oldestDue: () => oldestDueJobs(store, clock.now()),
    deadLetters: (limit) => table.deadLetters(limit),
    failing: (limit) => table.failing(limit),
    failingOf: (subject) => table.failing(MOST_OF_ONE, subject),
    retry: (id) => table.revive(id, clock.now()),
    drop: (id) => table.drop(id, clock.now()),
  };
}
