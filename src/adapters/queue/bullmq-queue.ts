import { Queue } from 'bullmq';
import { asJitsuinError } from '../../core/errors.ts';
import type { JobName, JobQueue } from '../../ports/job-queue.ts';
import { BullmqWorker } from './bullmq-worker.ts';
import { JobTable } from './job-table.ts';
import { type JobPayload, OutboxRelay } from './outbox-relay.ts';
import type { QueueOptions } from './queue-options.ts';
import { type QueueSettings, queueSettings } from './queue-settings.ts';
import { type RedisClient, redisClient } from './redis-client.ts';
import { requireUsableRedis, tryRoundTrip } from './usable-redis.ts';

/**
 * BullMQ as the dispatcher: Redis says when and to whom, our own table says what is true. So a Redis that is down,
 * flushed or restarted loses nothing, and a job that Redis brings twice is claimed once.
 * @throws JitsuinError `queue.unavailable`
 */
export async function openBullmqQueue(options: QueueOptions, redisUrl: string): Promise<JobQueue> {
  const asked = queueSettings(options);
  const { address, prefix } = await requireUsableRedis(redisUrl, asked.prefix);
  const settings = { ...asked, prefix };
  const { clock, log, store } = settings;
  const table = new JobTable(store);
  const onError = quietly(() => log.warn('queue.redis-error', { code: 'queue.unavailable' }));
  const client = redisClient(address, 'producer', onError);
  const queues = queueOfName(settings, client, onError);
  const relay = new OutboxRelay(settings, table, queues.get);
  const workers = new Set<BullmqWorker>();
  return {
    work: (handlers, work) => {
      const worker = new BullmqWorker({ settings, table, handlers, work, address, relay, onError });
      workers.add(worker);
      return { close: (deadline) => worker.close(deadline).finally(() => workers.delete(worker)) };
    },
    relay: () => relay.run(),
    counts: () => table.counts(clock.now()),
    ready: readyBy(client, () => tryRoundTrip(address, prefix)),
    deadLetters: (limit) => table.deadLetters(limit),
    retry: async (id) => {
      const revived = await table.revive(id, clock.now());
      if (revived) await relay.run();
      return revived;
    },
    drop: (id) => table.drop(id, clock.now()),
    close: async () => {
      await Promise.all([...workers].map((worker) => worker.close(5_000)));
      await relay.close();
      await queues.close();
      client.disconnect();
    },
  };
}

/**
 * One BullMQ queue per job name: a worker takes only what it has a handler for, and each name can have its own
 * limit.
 */
function queueOfName(settings: QueueSettings, client: ReturnType<typeof redisClient>, onError: () => void) {
  const queues = new Map<JobName, Queue<JobPayload>>();
  return {
    get: (name: JobName): Queue<JobPayload> => {
      const known = queues.get(name);
      if (known !== undefined) return known;
      const queue = new Queue<JobPayload>(name, { connection: client, prefix: settings.prefix });
      queue.on('error', onError);
      queues.set(name, queue);
      return queue;
    },
    close: async () => {
      for (const queue of queues.values()) await queue.close().catch(asJitsuinError);
    },
  };
}

/** A round trip opens connections of its own: in between a word and its echo must do. Milliseconds. */
const ROUND_TRIP_EVERY = 30_000;

function readyBy(client: RedisClient, roundTrip: () => Promise<void>): () => Promise<void> {
  let went = performance.now();
  return async () => {
    await client.ping();
    if (performance.now() - went < ROUND_TRIP_EVERY) return;
    await roundTrip();
    went = performance.now();
  };
}

/** At most one call in ten seconds: a Redis that is away would fill the log. */
function quietly(say: () => void): () => void {
  let silentUntil = 0;
  return () => {
    const now = performance.now();
    if (now < silentUntil) return;
    silentUntil = now + 10_000;
    say();
  };
}
