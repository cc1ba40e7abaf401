import type { Queue } from 'bullmq';
import { asJitsuinError } from '../../core/errors.ts';
import { JOBS_WITH_A_DEADLINE, type JobName } from '../../ports/job-queue.ts';
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

type Kind = 'deadline' | 'other';
const KINDS: readonly Kind[] = ['deadline', 'other'];

/**
 * Hands outbox rows to BullMQ: after each commit of this process those of its kinds, and every second whatever is
 * there, also of crashed processes.
 */
export class OutboxRelay {
  readonly #settings: QueueSettings;
  readonly #table: JobTable;
  readonly #queueOf: (name: JobName) => Queue<JobPayload>;
  readonly #timer: NodeJS.Timeout;
  readonly #stopListening: () => void;
  #running: Promise<number> | undefined;
  #again = false;
  /** What the next run looks for; undefined: everything, where there is anything. */
  #kinds: Set<Kind> | undefined = new Set();
  #closed = false;

  constructor(settings: QueueSettings, table: JobTable, queueOf: (name: JobName) => Queue<JobPayload>) {
    this.#settings = settings;
    this.#table = table;
    this.#queueOf = queueOf;
    this.#timer = setInterval(() => void this.run(), Math.min(LOOK_MILLIS, settings.republishMillis));
    this.#stopListening = settings.store.onJobs(
      (jobs) => void this.run(jobs.map(({ name }) => kindOf(name))),
    );
  }

  /**
   * Hands over what waits, of these kinds or all. One run at a time; a call during a run brings another one after it.
   * Never rejects.
   */
  async run(kinds?: readonly Kind[]): Promise<number> {
    if (this.#closed) return 0;
    this.#kinds = kinds === undefined ? undefined : this.#kinds && new Set([...this.#kinds, ...kinds]);
    return this.#turn();
  }

  async #turn(): Promise<number> {
    if (this.#running !== undefined) {
      this.#again = true;
      return this.#running;
    }
    const kinds = this.#kinds;
    this.#kinds = new Set();
    this.#running = this.#handOver(kinds);
    const count = await this.#running;
    this.#running = undefined;
    if (!this.#again) return count;
    this.#again = false;
    return this.#closed ? count : count + (await this.#turn());
  }

  async #handOver(kinds: ReadonlySet<Kind> | undefined): Promise<number> {
    const { clock, republishMillis, log } = this.#settings;
    let count = 0;
    try {
      if (kinds !== undefined) return await this.#relayAll([...kinds], undefined);
      const lost = clock.now() - republishMillis;
      if (!(await this.#table.anyUnpublished(lost))) return 0;
      for (const lostBefore of [undefined, lost]) count += await this.#relayAll(KINDS, lostBefore);
    } catch (thrown) {
      log.warn('queue.relay-failed', { code: asJitsuinError(thrown).code });
    }
    return count;
  }

  async #relayAll(kinds: readonly Kind[], lostBefore: number | undefined): Promise<number> {
    let count = 0;
    for (;;) {
      // before each batch of the others: what came meanwhile and races a clock
      const urgent = kinds.includes('deadline') ? await this.#relayBatch('deadline', lostBefore) : 0;
      const others =
        kinds.includes('other') && urgent < BATCH ? await this.#relayBatch('other', lostBefore) : 0;
      count += urgent + others;
      if (urgent < BATCH && others < BATCH) return count;
    }
  }

  async #relayBatch(kind: Kind, lostBefore: number | undefined): Promise<number> {
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

function kindOf(name: JobName): Kind {
  return JOBS_WITH_A_DEADLINE.includes(name) ? 'deadline' : 'other';
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
