import { Redis } from 'ioredis';
import { JitsuinError } from '../../core/errors.ts';
import { CONNECTION, type RedisAddress } from './redis-client.ts';
import { redisFault } from './redis-fault.ts';

/** Asks the node of the URL what it is. @throws JitsuinError `queue.unavailable` */
export async function addressOf(url: string): Promise<RedisAddress> {
  return { url, cluster: judgeInfo(await infoOf(url), url) };
}

/** `INFO` of the one node that the URL names. */
async function infoOf(url: string): Promise<string> {
  const client = new Redis(url, {
    ...CONNECTION,
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let said: unknown;
  client.on('error', (error) => {
    said ??= error;
  });
  try {
    await client.connect();
    const sections = ['memory', 'replication', 'cluster'].map((section) => client.info(section));
    const info = (await Promise.all(sections)).join('\n');
    // a database number that does not exist is told, but not as an end of the connection
    if (said !== undefined) throw said;
    return isCluster(info) ? `${info}\n${await client.cluster('INFO')}` : info;
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
