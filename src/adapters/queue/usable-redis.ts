import { randomUUID } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import { asJitsuinError, JitsuinError } from '../../core/errors.ts';
import { addressOf } from './redis-address.ts';
import { keyPrefix, type RedisAddress, type RedisClient, redisClient } from './redis-client.ts';
import { redisFault } from './redis-fault.ts';
import { requireRights } from './redis-rights.ts';

/**
 * Proves that a Redis can carry a queue: it answers, keeps what it is given, and one job goes in under the prefix
 * and comes out. Gives where it is and what its keys begin with.
 * @throws JitsuinError `queue.unavailable`; the message says which of address, password, right, number or setting it is
 */
export async function requireUsableRedis(
  url: string,
  prefix: string,
): Promise<{ readonly address: RedisAddress; readonly prefix: string }> {
  const address = await addressOf(url);
  const full = keyPrefix(prefix, address);
  await tryRights(address, full);
  await tryRoundTrip(address, full);
  return { address, prefix: full };
}

async function tryRights(address: RedisAddress, prefix: string): Promise<void> {
  const client = redisClient(address, 'worker', () => undefined);
  try {
    await within(TRIAL_MILLIS, requireRights(client, prefix));
  } catch (thrown) {
    throw redisFault(thrown, address.url);
  } finally {
    client.disconnect();
  }
}

/** One job of its own name goes in and comes out; nothing is left of it. @throws JitsuinError `queue.unavailable` */
export async function tryRoundTrip(address: RedisAddress, prefix: string): Promise<void> {
  let said: unknown;
  const heard = (error: unknown) => {
    said ??= error;
  };
  const client: RedisClient = redisClient(address, 'worker', () => undefined);
  client.on('error', heard);
  const name = `trial-${randomUUID()}`;
  const options = { connection: client, prefix };
  const queue = new Queue(name, options);
  const worker = new Worker(name, null, { ...options, autorun: false });
  queue.on('error', heard);
  worker.on('error', heard);
  try {
    await within(TRIAL_MILLIS, takeOne(queue, worker, name));
  } catch (thrown) {
    throw redisFault(said ?? thrown, address.url);
  } finally {
    await Promise.allSettled([within(1_000, queue.obliterate({ force: true }))]);
    await Promise.allSettled([within(1_000, worker.close(true)), within(1_000, queue.close())]);
    client.disconnect();
  }
}

const TRIAL_MILLIS = 10_000;

async function takeOne(queue: Queue, worker: Worker, name: string): Promise<void> {
  await queue.add(name, {}, { removeOnComplete: true });
  const token = randomUUID();
  const job = await worker.getNextJob(token, { block: false });
  if (job === undefined)
    throw new JitsuinError('queue.unavailable', 'Redis gave no job back.', { at: 'REDIS_URL' });
  await job.moveToCompleted('taken', token, false);
}

async function within<T>(millis: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('late'), { code: 'ETIMEDOUT' })), millis);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
    promise.catch(asJitsuinError);
  }
}
