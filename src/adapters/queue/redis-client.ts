import { Redis } from 'ioredis';
import { JitsuinError } from '../../core/errors.ts';

const CONNECT_MILLIS = 5_000;

/** How long a Redis that is silent may hold up what can go on without it; ms. */
const PRODUCER_PATIENCE = 5_000;
const LIMITER_PATIENCE = 500;

/**
 * A connection that fails at once while Redis is away (the outbox keeps what could not be handed over), or, for a
 * worker, one that waits (`maxRetriesPerRequest: null`, as BullMQ demands). Both reconnect for ever.
 */
export function redisClient(url: string, use: 'producer' | 'worker' | 'limiter', onError: () => void): Redis {
  const options =
    use === 'worker'
      ? { maxRetriesPerRequest: null }
      : {
          maxRetriesPerRequest: 1,
          enableOfflineQueue: false,
          commandTimeout: use === 'limiter' ? LIMITER_PATIENCE : PRODUCER_PATIENCE,
        };
  const client = new Redis(url, {
    ...options,
    connectTimeout: CONNECT_MILLIS,
    retryStrategy: (times) => Math.min(2_000, 50 * 2 ** Math.min(times, 6)),
  });
  client.on('error', onError);
  return client;
}

/**
 * Asks a Redis whether it may carry a queue.
 * @throws JitsuinError `queue.unavailable`: unreachable, a read-only replica, or a `maxmemory-policy` that throws jobs away
 */
export async function requireUsableRedis(url: string): Promise<void> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_MILLIS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const info = `${await client.info('memory')}\n${await client.info('replication')}`;
    judgeInfo(info);
  } catch (thrown) {
    if (thrown instanceof JitsuinError) throw thrown;
    throw new JitsuinError('queue.unavailable', 'Redis does not answer at REDIS_URL.', { at: 'REDIS_URL' });
  } finally {
    client.disconnect();
  }
}

/** Reads `INFO memory` and `INFO replication`. @throws JitsuinError `queue.unavailable` */
export function judgeInfo(info: string): void {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const policy = field('maxmemory_policy');
  if (policy !== 'noeviction') {
    throw new JitsuinError(
      'queue.unavailable',
      `Redis has maxmemory-policy "${policy ?? 'unknown'}" and would throw jobs away: set "maxmemory-policy noeviction".`,
      { at: 'maxmemory-policy' },
    );
  }
  if (field('role') === 'slave') {
    throw new JitsuinError('queue.unavailable', 'REDIS_URL names a read-only replica.', { at: 'REDIS_URL' });
  }
}
