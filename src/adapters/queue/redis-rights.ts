import { randomUUID } from 'node:crypto';
import { JitsuinError } from '../../core/errors.ts';
import type { RedisClient } from './redis-client.ts';

/** The one line that an ACL user of the queue needs; `PREFIX` is `JITSUIN_QUEUE_PREFIX`, in braces in a cluster. */
export const NEEDED_RIGHTS = '~PREFIX:* ~{PREFIX}:* +@all -@admin -@dangerous +info';

/** Every command that the queue and the limiter send, by the words it takes: only what can be read is judged. */
export const COMMANDS: readonly (readonly [name: string, words: number])[] = [
  ...named(2, 'del exists get hgetall incr llen pttl scard smembers zcard zpopmin'),
  ...named(
    3,
    'bzpopmin evalsha hdel hexists hget hmget lindex lpush pexpire rpoplpush rpush sadd set srem zrem',
  ),
  ...named(3, 'eval incrby'),
  ...named(4, 'hincrby hmset hset lrange lrem ltrim xtrim zadd zrange zrangebyscore zrevrangebyscore'),
  ...named(5, 'xadd'),
];

function named(words: number, names: string): readonly (readonly [string, number])[] {
  return names.split(' ').map((name) => [name, words] as const);
}

/**
 * Names each right that the user lacks: every command is sent with the key itself for all of its words, so that it
 * changes that key alone; only the server's refusals are read.
 * @throws JitsuinError `queue.unavailable`
 */
export async function requireRights(client: RedisClient, prefix: string): Promise<void> {
  const key = `${prefix}:trial-${randomUUID()}`;
  const lacking: string[] = [];
  for (const [name, words] of COMMANDS) {
    const refusal = await client.call(name, ...Array<string>(words - 1).fill(key)).then(() => '', wordsOf);
    if (/^NOPERM.*(keys|channels) used as arg/.test(refusal))
      throw lacks(`keys that begin with "${prefix}:"`);
    if (refusal.startsWith('NOPERM')) lacking.push(name);
    else if (CONNECTION_LOST.test(refusal)) throw new Error(refusal);
  }
  await client.del(key).catch(wordsOf);
  if (lacking.length > 0) throw lacks(lacking.join(', '));
}

const CONNECTION_LOST = /Connection is closed|timed out|ECONN|EPIPE/;

/** Which command the server names in a refusal, to be said. */
export function refusedCommand(refusal: string): string | undefined {
  return /'([a-z|]+)' command/.exec(refusal)?.[1];
}

export function lacks(what: string): JitsuinError {
  const message = `The user of REDIS_URL lacks the right to: ${what}. It needs: ACL SETUSER name ${NEEDED_RIGHTS}`;
  return new JitsuinError('queue.unavailable', message, { at: 'REDIS_URL' });
}

function wordsOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
