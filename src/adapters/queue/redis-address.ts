import type { Redis } from 'ioredis';
import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import { openOne, type RedisAddress } from './redis-client.ts';
import { redisFault } from './redis-fault.ts';
import { type RedisHost, type RedisPlace, type RedisSentinel, redisPlace } from './redis-url.ts';

/** Asks the first host of the URL that answers what it is. @throws JitsuinError `queue.unavailable` */
export async function addressOf(url: string): Promise<RedisAddress> {
  const place = redisPlace(url);
  if (place.sentinel !== undefined) {
    await requireSentinel(place, place.sentinel, url);
    if (judgeInfo(await infoOf(place, url), url)) throw misnamed('its sentinels name a node of a cluster');
    return { url, cluster: false };
  }
  const info = await firstOf(place.hosts, url, (host) => infoOf({ ...place, hosts: [host] }, url));
  const cluster = judgeInfo(info, url);
  if (!cluster && place.hosts.length > 1) {
    throw misnamed('several hosts are nodes of a cluster or, with redis+sentinel://, sentinels');
  }
  return { url, cluster };
}

/** One of them answers and knows the master: the driver would keep to itself why none does. */
async function requireSentinel(place: RedisPlace, sentinel: RedisSentinel, url: string): Promise<void> {
  const { username, password, name } = sentinel;
  await firstOf(place.hosts, url, (host) =>
    ask(defined({ hosts: [host], db: 0, tls: place.tls, username, password }), url, async (client) => {
      const address = await client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name);
      if (address === null) throw new Error('No such master');
    }),
  );
}

async function firstOf<T>(
  hosts: readonly RedisHost[],
  url: string,
  asked: (host: RedisHost) => Promise<T>,
): Promise<T> {
  let fault: unknown;
  for (const host of hosts) {
    try {
      return await asked(host);
    } catch (thrown) {
      fault ??= thrown;
    }
  }
  throw redisFault(fault, url);
}

function misnamed(what: string): JitsuinError {
  return new JitsuinError('queue.unavailable', `REDIS_URL does not fit what is there: ${what}.`, {
    at: 'REDIS_URL',
  });
}

/** `INFO` of the one server there. */
function infoOf(place: RedisPlace, url: string): Promise<string> {
  return ask(place, url, async (client) => {
    const sections = ['server', 'memory', 'replication', 'cluster'].map((section) => client.info(section));
    const info = (await Promise.all(sections)).join('\n');
    return isCluster(info) ? `${info}\n${await client.cluster('INFO')}` : info;
  });
}

/** One connection, no second try. @throws JitsuinError `queue.unavailable` */
async function ask<T>(place: RedisPlace, url: string, question: (client: Redis) => Promise<T>): Promise<T> {
  const client = openOne(place, {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    sentinelRetryStrategy: () => null,
  });
  let said: unknown;
  client.on('error', (error: unknown) => {
    said ??= error;
  });
  try {
    await client.connect();
    const answer = await question(client);
    // a database number that does not exist is told, but not as an end of the connection
    if (said !== undefined) throw said;
    return answer;
  } catch (thrown) {
    throw redisFault(said ?? thrown, url);
  } finally {
    client.disconnect();
  }
}

/**
 * Reads `INFO memory`, `replication` and `cluster`. True: a node of a cluster. @throws JitsuinError
 * `queue.unavailable`
 */
export function judgeInfo(info: string, url = 'redis://localhost'): boolean {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  if (field('redis_mode') === 'sentinel') {
    throw misnamed('what answers there is a sentinel; write redis+sentinel://HOSTS/NAME');
  }
  const policy = field('maxmemory_policy');
  if (policy !== 'noeviction') {
    throw new JitsuinError(
      'queue.unavailable',
      `Redis has maxmemory-policy "${policy ?? 'unknown'}" and would throw jobs away: set ` +
        '"maxmemory-policy noeviction".',
      { at: 'maxmemory-policy' },
    );
  }
  const cluster = isCluster(info);
  if (cluster && field('cluster_state') !== 'ok') throw redisFault(new Error('CLUSTERDOWN'), url);
  // in a cluster a replica tells of the masters
  if (field('role') === 'slave' && !cluster) {
    throw new JitsuinError('queue.unavailable', 'REDIS_URL names a read-only replica.', { at: 'REDIS_URL' });
  }
  return cluster;
}

function isCluster(info: string): boolean {
  return /^cluster_enabled:1\r?$/m.test(info);
}
