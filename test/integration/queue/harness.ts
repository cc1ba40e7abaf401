import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { systemClock } from '../../../src/adapters/clock.ts';
import { silentLog } from '../../../src/adapters/log/pino-log.ts';
import { openQueue, type QueueOptions } from '../../../src/adapters/queue/open-queue.ts';
import type { Store } from '../../../src/adapters/store/open-store.ts';
import type { Job, JobHandler, JobName, JobQueue, JobRequest } from '../../../src/ports/job-queue.ts';
import { TEST_REDIS_URL } from '../../support/servers.ts';
import type { StoreHarness } from '../store/harness.ts';
import { auditEvent, verification } from '../store/records.ts';

/** A queue on its own store (and its own Redis prefix); every test takes a new one. */
export interface QueueHarness {
  readonly store: Store;
  readonly prefix: string;
  readonly redisUrl: string | undefined;
  /** What a child process needs to work on the same queue. */
  readonly childEnv: Readonly<Record<string, string>>;
  open(options?: Partial<QueueOptions>): Promise<JobQueue>;
  /** Commits a state change with these jobs. */
  publish(...jobs: readonly Partial<JobRequest>[]): Promise<void>;
  end(): Promise<void>;
}

export async function queueHarness(makeStore: () => StoreHarness, withRedis: boolean): Promise<QueueHarness> {
  const stores = makeStore();
  const store = await stores.open({ clock: systemClock });
  const prefix = `jt-${process.pid}-${randomBytes(4).toString('hex')}`;
  const redisUrl = withRedis ? TEST_REDIS_URL : undefined;
  const queues: JobQueue[] = [];
  let published = 0;
  return {
    ...{ store, prefix, redisUrl },
    childEnv: {
      ...stores.childEnv,
      CHILD_PREFIX: prefix,
      ...(redisUrl === undefined ? {} : { CHILD_REDIS_URL: redisUrl }),
    },
    open: async (options) => {
      const base = { store, clock: systemClock, log: silentLog, prefix, backoffMillis: 20, pollMillis: 50 };
      const queue = await openQueue({ ...base, ...(redisUrl === undefined ? {} : { redisUrl }), ...options });
      queues.push(queue);
      return queue;
    },
    publish: async (...jobs) => {
      published += 1;
      const full = jobs.map((job, n) => ({
        name: 'verify' as const,
        subject: `s${n}`,
        key: `${published}-${n}`,
        ...job,
      }));
      await store.verifications.insert(verification(`v${published}`), {
        jobs: full,
        audit: [auditEvent('published')],
      });
    },
    end: async () => {
      for (const queue of queues) await queue.close();
      await store.close();
      await stores.end();
      if (redisUrl !== undefined) await deleteKeys(redisUrl, prefix);
    },
  };
}

/** All keys of one prefix with their octets as Redis dumps them. */
export async function redisBytes(
  url: string,
  prefix: string,
): Promise<{ keys: readonly string[]; bytes: Buffer }> {
  const redis = new Redis(url);
  const keys = await redis.keys(`${prefix}:*`);
  const values = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
  redis.disconnect();
  return {
    keys,
    bytes: Buffer.concat([Buffer.from(keys.join('\n')), ...values.map((value) => value ?? Buffer.alloc(0))]),
  };
}

export async function deleteKeys(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url);
  const keys = await redis.keys(`${prefix}:*`);
  if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();
}

/** A handler that remembers its jobs. */
export function recorder(
  act: (job: Job, run: number) => ReturnType<JobHandler> = async () => ({ kind: 'done' }),
) {
  const jobs: Job[] = [];
  const handler: JobHandler = (job) => {
    jobs.push(job);
    return act(job, jobs.length);
  };
  return { jobs, handler, subjects: () => jobs.map(({ subject }) => subject).sort() };
}

/** Waits until the condition holds; fails after `limit` milliseconds. */
export async function until(condition: () => boolean | Promise<boolean>, limit = 45_000): Promise<void> {
  const end = performance.now() + limit;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('The awaited condition did not come about.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export const empty = { waiting: 0, delayed: 0, active: 0, dead: 0 };

export async function settled(queue: JobQueue): Promise<boolean> {
  const { waiting, delayed, active } = await queue.counts();
  return waiting + delayed + active === 0;
}

export const names: readonly JobName[] = ['verify'];
