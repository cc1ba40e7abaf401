import { randomUUID } from 'node:crypto';
import { type Job as BullmqJob, DelayedError, Worker } from 'bullmq';
import { defined } from '../../core/defined.ts';
import { asJitsuinError } from '../../core/errors.ts';
import {
  JOB_PAYLOAD_VERSION,
  type JobHandler,
  type JobName,
  type WorkOptions,
} from '../../ports/job-queue.ts';
import { type ActiveRun, drainRuns, type RunnerOptions, startRun } from './job-runner.ts';
import type { JobRow, JobTable } from './job-table.ts';
import type { JobPayload, OutboxRelay } from './outbox-relay.ts';
import type { QueueSettings } from './queue-settings.ts';
import { type RedisAddress, type RedisClient, redisClient } from './redis-client.ts';
import { type Slots, slotsOf } from './slots.ts';

interface BullmqWorkerOptions {
  readonly settings: QueueSettings;
  readonly table: JobTable;
  readonly handlers: Partial<Record<JobName, JobHandler>>;
  readonly work: WorkOptions;
  readonly address: RedisAddress;
  readonly relay: OutboxRelay;
  readonly onError: () => void;
}

/** Stalls are counted by our own table (`losses`), so BullMQ's own count must never decide. */
const NEVER = 1_000_000;
/** A job whose endpoint or tenant has as many runs as it may is looked at again after so long. */
const FULL_MILLIS = 250;
/** So long a job is left to other workers while this one may take none. */
const NOT_NOW_MILLIS = 1_000;

/** One BullMQ worker per handled name. What Redis brings is claimed in our table before it runs. */
export class BullmqWorker {
  readonly #options: BullmqWorkerOptions;
  readonly #runner: RunnerOptions;
  readonly #client: RedisClient;
  readonly #workers: readonly Worker<JobPayload>[];
  readonly #runs = new Set<ActiveRun>();
  readonly #reaper: NodeJS.Timeout;
  readonly #owner = randomUUID();
  #closing = false;

  constructor(options: BullmqWorkerOptions) {
    const { settings, table, handlers } = options;
    this.#options = options;
    this.#runner = { ...settings, table };
    this.#client = redisClient(options.address, 'worker', options.onError);
    this.#workers = (Object.keys(handlers) as JobName[]).flatMap((name) => {
      const handler = handlers[name];
      return handler === undefined ? [] : [this.#workerOf(name, handler)];
    });
    this.#reaper = setInterval(() => void this.#reap(), Math.min(1_000, settings.leaseMillis / 2));
  }

  #workerOf(name: JobName, handler: JobHandler): Worker<JobPayload> {
    const { settings, work, onError } = this.#options;
    const limit = settings.limits[name];
    const slots = slotsOf(name, work, () => undefined);
    const worker = new Worker<JobPayload>(
      name,
      (job, token) => this.#process(job, token, { name, handler, slots }),
      defined({
        connection: this.#client,
        prefix: settings.prefix,
        concurrency: slots.most,
        lockDuration: settings.leaseMillis,
        // a job is taken back at the first look after its lock is gone: at most a third later
        stalledInterval: Math.ceil(settings.leaseMillis / 3),
        maxStalledCount: NEVER,
        limiter: limit === undefined ? undefined : { max: limit.max, duration: limit.durationMillis },
      }),
    );
    worker.on('error', onError);
    return worker;
  }

  /** Ends quietly when there is nothing to do: whatever still waits is handed over again by the relay. */
  async #process(
    job: BullmqJob<JobPayload>,
    token: string | undefined,
    { name, handler, slots }: { readonly name: JobName; readonly handler: JobHandler; readonly slots: Slots },
  ): Promise<void> {
    const { settings, table, relay, work } = this.#options;
    const { clock, leaseMillis } = settings;
    if (this.#closing || job.data.v > JOB_PAYLOAD_VERSION) return;
    if (work.mayTakeWork?.() === false) await this.#putOff(job, token, NOT_NOW_MILLIS);
    const leave = await this.#enter(job, token, slots);
    try {
      const now = clock.now();
      const row = await table.claimOne({ id: job.data.id, name }, this.#owner, now, now + leaseMillis);
      if (row === undefined) return await this.#waitForIt(job, token);
      const result = await this.#run(row, handler);
      if (result.kind === 'waiting') void relay.run();
    } finally {
      leave();
    }
  }

  /** Takes a slot by the lane of our own row; where there is none, Redis brings the job again soon. */
  async #enter(job: BullmqJob<JobPayload>, token: string | undefined, slots: Slots): Promise<() => void> {
    const known = slots.hasLanes ? await this.#options.table.find(job.data.id) : undefined;
    const lane = known ?? { endpoint: null, tenant: null };
    if (slots.choose([lane]).length === 1) return slots.take(lane);
    return this.#putOff(job, token, FULL_MILLIS);
  }

  /** A clock that is a little behind Redis's must not cost the job its turn. */
  async #waitForIt(job: BullmqJob<JobPayload>, token: string | undefined): Promise<void> {
    const { settings, table } = this.#options;
    const row = await table.find(job.data.id);
    if (row?.state !== 'waiting' || row.run_at <= settings.clock.now()) return;
    await this.#putOff(job, token, row.run_at - settings.clock.now());
  }

  async #putOff(job: BullmqJob<JobPayload>, token: string | undefined, millis: number): Promise<never> {
    await job.moveToDelayed(Date.now() + millis, token);
    throw new DelayedError();
  }

  async #run(row: JobRow, handler: JobHandler) {
    const active = startRun(this.#runner, row, handler);
    this.#runs.add(active);
    const result = await active.result;
    this.#runs.delete(active);
    return result;
  }

  async #reap(): Promise<void> {
    const { settings, table, relay, work } = this.#options;
    if (work.mayTakeWork?.() === false) return;
    try {
      if ((await table.reap(settings.clock.now(), settings.maxLosses)) > 0) await relay.run();
    } catch (thrown) {
      settings.log.error('queue.reap-failed', { code: asJitsuinError(thrown).code });
    }
  }

  /** Takes no more, drains, and lets go of Redis by force: what hangs there is brought again by its lock's end. */
  async close(deadlineMillis: number): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    clearInterval(this.#reaper);
    await Promise.all(this.#workers.map((worker) => worker.pause(true).catch(asJitsuinError)));
    await drainRuns(this.#runner, this.#runs, deadlineMillis);
    await this.#options.relay.run();
    await Promise.all(this.#workers.map((worker) => worker.close(true).catch(asJitsuinError)));
    this.#client.disconnect();
  }
}
