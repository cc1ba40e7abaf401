import { randomUUID } from 'node:crypto';
import { defined } from '../../core/defined.ts';
import { asJitsuinError } from '../../core/errors.ts';
import type { JobHandler, JobName, JobQueue, JobWorker, WorkOptions } from '../../ports/job-queue.ts';
import { type JobPermit, oldestFirst, permitsOf } from './job-claims.ts';
import { type ActiveRun, drainRuns, type RunnerOptions, startRun } from './job-runner.ts';
import { JobTable } from './job-table.ts';
import type { QueueOptions } from './queue-options.ts';
import { type QueueSettings, queueSettings } from './queue-settings.ts';
import { type Slots, slotsOf } from './slots.ts';

type Handlers = Partial<Record<JobName, JobHandler>>;

/** The queue when alone: the outbox is the queue. Works on SQLite and PostgreSQL, with any number of processes. */
export function openSqlQueue(options: QueueOptions): JobQueue {
  const settings = queueSettings(options);
  const table = new JobTable(options.store);
  const workers = new Set<SqlWorker>();
  const wakeAll = () => {
    for (const worker of workers) worker.wake();
  };
  const { clock } = options;
  const stopListening = options.store.onJobs((jobs) => {
    const now = clock.now();
    const due = jobs.filter(({ notBefore = now }) => notBefore <= now).map(({ name }) => name);
    for (const worker of workers) worker.wake(due);
  });
  return {
    work: (handlers, options) => {
      const worker = new SqlWorker(settings, table, handlers, options, () => workers.delete(worker));
      workers.add(worker);
      worker.wake();
      return worker;
    },
    relay: async () => {
      wakeAll();
      await table.purge(clock.now());
      return table.countDue(clock.now());
    },
    counts: () => table.counts(clock.now()),
    ready: () => table.trial(clock.now()),
    deadLetters: (limit) => table.deadLetters(limit),
    retry: async (id) => {
      const revived = await table.revive(id, clock.now());
      wakeAll();
      return revived;
    },
    drop: (id) => table.drop(id, clock.now()),
    close: async () => {
      stopListening();
      await Promise.all([...workers].map((worker) => worker.close(5_000)));
    },
  };
}

/**
 * Claims due jobs whenever it has a free slot of their name: woken by a commit of this process, by a finished run
 * where a look found more than its slots, or by the poll.
 */
class SqlWorker implements JobWorker {
  readonly #settings: QueueSettings;
  readonly #runner: RunnerOptions;
  readonly #handlers: Handlers;
  readonly #mayTakeWork: () => boolean;
  readonly #slots: ReadonlyMap<JobName, Slots>;
  readonly #permits: Partial<Record<JobName, JobPermit>>;
  readonly #owner = randomUUID();
  readonly #runs = new Set<ActiveRun>();
  readonly #poll: NodeJS.Timeout;
  readonly #reaper: NodeJS.Timeout;
  readonly #onClosed: () => void;
  #closing = false;
  #claiming: Promise<void> | undefined;
  #turn: NodeJS.Timeout | undefined;
  /** Names that may have due jobs; of those that were just committed it is known. */
  #due = new Set<JobName>();
  #committed = new Set<JobName>();
  #adopted = false;

  constructor(
    settings: QueueSettings,
    table: JobTable,
    handlers: Handlers,
    options: WorkOptions,
    onClosed: () => void,
  ) {
    this.#settings = settings;
    this.#runner = { ...settings, table };
    this.#handlers = handlers;
    this.#mayTakeWork = options.mayTakeWork ?? (() => true);
    const names = Object.keys(handlers) as JobName[];
    this.#slots = new Map(names.map((name) => [name, slotsOf(name, options, () => this.wake())]));
    this.#onClosed = onClosed;
    this.#permits = Object.fromEntries(
      Object.entries(settings.limits).map(([name, limit]) => [name, permitsOf(limit)]),
    );
    this.#poll = setInterval(() => this.wake(), settings.pollMillis);
    this.#reaper = setInterval(() => void this.#reap(), Math.min(1_000, settings.leaseMillis / 2));
  }

  /**
   * Looks for work now: of these names, which are known to have some, or of all. One look at a time; a wake-up during
   * a look brings another one after it.
   */
  wake(committed?: readonly JobName[]): void {
    const names = committed ?? this.#slots.keys();
    for (const name of names) {
      if (this.#slots.has(name)) (committed === undefined ? this.#due : this.#committed).add(name);
    }
    this.#look();
  }

  #look(): void {
    if (this.#closing || this.#claiming !== undefined) return;
    const names = this.#free();
    if (names.length === 0) return;
    const sure = names.every((name) => this.#committed.has(name));
    for (const name of names) {
      this.#due.delete(name);
      this.#committed.delete(name);
    }
    this.#claiming = this.#claim(names, sure).finally(() => {
      this.#claiming = undefined;
      this.#look();
    });
  }

  /** Names that may have due jobs and have a slot for one. */
  #free(): readonly JobName[] {
    return [...new Set([...this.#committed, ...this.#due])].filter(
      (name) => (this.#slots.get(name)?.free ?? 0) > 0,
    );
  }

  async #claim(names: readonly JobName[], sure: boolean): Promise<void> {
    const { clock, leaseMillis, log } = this.#settings;
    if (!this.#mayTakeWork()) return;
    const now = clock.now();
    const wishes = names.flatMap((name) => {
      const slots = this.#slots.get(name);
      return slots === undefined ? [] : [defined({ name, slots, permit: this.#permits[name] })];
    });
    try {
      if (!this.#adopted) await this.#runner.table.adopt();
      this.#adopted = true;
      const wish = { names: wishes, sure, owner: this.#owner, now, leaseUntil: now + leaseMillis };
      const { rows, nextTurnIn, more } = await this.#runner.table.claimDue(wish);
      for (const row of [...rows].sort(oldestFirst)) this.#start(row);
      for (const name of more) this.#due.add(name);
      this.#wakeAtTurn(nextTurnIn);
    } catch (thrown) {
      log.error('queue.claim-failed', { code: asJitsuinError(thrown).code });
    }
  }

  #wakeAtTurn(millis: number | undefined): void {
    if (millis === undefined || this.#closing) return;
    clearTimeout(this.#turn);
    this.#turn = setTimeout(() => {
      for (const name of Object.keys(this.#permits) as JobName[])
        if (this.#slots.has(name)) this.#due.add(name);
      this.#look();
    }, millis);
  }

  #start(row: Awaited<ReturnType<JobTable['claimDue']>>['rows'][number]): void {
    const handler = this.#handlers[row.name as JobName];
    const slots = this.#slots.get(row.name as JobName);
    if (handler === undefined || slots === undefined) return;
    const leave = slots.take(row);
    const active = startRun(this.#runner, row, handler);
    this.#runs.add(active);
    void active.result.then(() => {
      // what waits for this lane was passed over
      if (slots.hasFullLane) this.#due.add(row.name as JobName);
      leave();
      this.#runs.delete(active);
      this.#look();
    });
  }

  async #reap(): Promise<void> {
    const { clock, maxLosses, log } = this.#settings;
    if (!this.#mayTakeWork()) return;
    try {
      if ((await this.#runner.table.reap(clock.now(), maxLosses)) > 0) this.wake();
    } catch (thrown) {
      log.error('queue.reap-failed', { code: asJitsuinError(thrown).code });
    }
  }

  async close(deadlineMillis: number): Promise<void> {
    this.#closing = true;
    clearInterval(this.#poll);
    clearInterval(this.#reaper);
    clearTimeout(this.#turn);
    await this.#claiming;
    await drainRuns(this.#runner, this.#runs, deadlineMillis);
    this.#onClosed();
  }
}
