import type { Queue } from 'bullmq';
import { asJitsuinError } from '../../core/errors.ts';
import type { JobName } from '../../ports/job-queue.ts';
import { oldestFirst } from './job-claims.ts';
import type { JobRow, JobTable } from './job-table.ts';
import type { QueueSettings } from './queue-settings.ts';

/** All that Redis ever holds of a job. */
export interface JobPayload {
  readonly v: number;
  readonly id: string;
  readonly name: string;
  readonly subject: string;
}

const BATCH = 500;
const LOOK_MILLIS = 1_000;

/** Hands outbox rows to BullMQ: after each commit of this process, and every second for those of crashed ones. */
export class OutboxRelay {
  readonly #settings: QueueSettings;
  readonly #table: JobTable;
  readonly #queueOf: (name: JobName) => Queue<JobPayload>;
  readonly #timer: NodeJS.Timeout;
  readonly #stopListening: () => void;
  #running: Promise<number> | undefined;
  #again = false;
  #closed = false;

  constructor(settings: QueueSettings, table: JobTable, queueOf: (name: JobName) => Queue<JobPayload>) {
    this.#settings = settings;
    this.#table = table;
    this.#queueOf = queueOf;
    this.#timer = setInterval(() => void this.run(), Math.min(LOOK_MILLIS, settings.republishMillis));
    this.#stopListening = settings.store.onJobs(() => void this.run());
  }

  /** Hands over what waits. One run at a time; a call during a run brings another one after it. Never rejects. */
  async run(): Promise<number> {
    if (this.#closed) return 0;
    if (this.#running !== undefined) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#signLink();
    const count = await this.#running;
    this.#running = undefined;
    if (!this.#again) return count;
    this.#again = false;
    return count + (await this.run());
  }

  async #signLink(): Promise<number> {
    const { clock, republishMillis, log } = this.#settings;
    let count = 0;
    try {
      for (const lostBefore of [undefined, clock.now() - republishMillis]) {
        for (;;) {
          // before each batch of the others: what came meanwhile and races a clock
          const urgent = await this.#relayBatch('deadline', lostBefore);
          const others = urgent < BATCH ? await this.#relayBatch('other', lostBefore) : 0;
          count += urgent + others;
          if (urgent < BATCH && others < BATCH) break;
        }
      }
    } catch (thrown) {
      log.warn('queue.relay-failed', { code: asJitsuinError(thrown).code });
    }
    return count;
  }

  async #relayBatch(kind: 'deadline' | 'other', lostBefore: number | undefined): Promise<number> {
    const rows = await this.#table.takeUnpublished(kind, this.#settings.clock.now(), BATCH, lostBefore);
    await this.#add([...rows].sort(oldestFirst));
    return rows.length;
  }

  async #add(rows: readonly JobRow[]): Promise<void> {
    const now = this.#settings.clock.now();
    try {
      for (const [name, some] of groupByName(rows))
        await this.#queueOf(name).addBulk(some.map((row) => bulkJob(row, now)));
    } catch (thrown) {
      await this.#table.unpublish(rows.map((row) => row.id));
      throw thrown;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#stopListening();
    await this.#running;
  }
}

function groupByName(rows: readonly JobRow[]): Map<JobName, JobRow[]> {
  const groups = new Map<JobName, JobRow[]>();
  for (const row of rows) {
    const name = row.name as JobName;
    const group = groups.get(name) ?? [];
    group.push(row);
    groups.set(name, group);
  }
  return groups;
}

/**
 * The id is the outbox row's with its fence: one BullMQ job for each run, and the same run handed over twice is
 * one.
 */
function bulkJob(row: JobRow, now: number) {
  const { id, version, name, subject } = row;
  return {
    name,
    data: { v: version, id, name, subject },
    opts: {
      jobId: `${id}-${row.fence}`,
      delay: Math.max(0, row.run_at - now),
      removeOnComplete: true,
      removeOnFail: true,
    },
  };
}
