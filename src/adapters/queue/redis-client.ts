import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { backOffMillis } from '../../core/back-off.ts';
import { defined } from '../../core/defined.ts';
import { type RedisPlace, type RedisSentinel, redisPlace } from './redis-url.ts';

/** One Redis or Valkey, or a cluster of them; both carry the same commands. */
export type RedisClient = Redis | Cluster;

const CONNECT_MILLIS = 5_000;

/** How long a Redis that is silent may hold up what can go on without it; ms. */
const PRODUCER_PATIENCE = 5_000;
const LIMITER_PATIENCE = 500;
/**
 * A connection that was forgotten without a word (a NAT or firewall started anew, a host gone) is given up when an
 * answer has been awaited for so long; longer than BullMQ's longest blocking wait of 10 s. Milliseconds.
 */
export const SILENCE_MILLIS = 30_000;
const KEEP_ALIVE_MILLIS = 10_000;
const FIRST_RECONNECT_MILLIS = 100;
const LONGEST_RECONNECT_MILLIS = 2_000;

/** Where a Redis is: its URL, and whether it is a cluster. */
export interface RedisAddress {
  readonly url: string;
  readonly cluster: boolean;
}

/** What every connection has. */
export const CONNECTION = {
  connectTimeout: CONNECT_MILLIS,
  keepAlive: KEEP_ALIVE_MILLIS,
  socketTimeout: SILENCE_MILLIS,
};

interface Mode {
  /** Null: a command waits for Redis for ever. */
  readonly maxRetriesPerRequest: number | null;
  readonly commandTimeout?: number;
}

const MODES: Readonly<Record<'producer' | 'worker' | 'limiter', Mode>> = {
  worker: { maxRetriesPerRequest: null },
  producer: { maxRetriesPerRequest: 1, commandTimeout: PRODUCER_PATIENCE },
  limiter: { maxRetriesPerRequest: 1, commandTimeout: LIMITER_PATIENCE },
};

/**
 * A connection that fails at once while Redis is away (the outbox keeps what could not be handed over), or, for a
 * worker, one that waits (`maxRetriesPerRequest: null`, as BullMQ demands). Both reconnect for ever.
 */
export function redisClient(
  address: RedisAddress,
  use: 'producer' | 'worker' | 'limiter',
  onError: () => void,
): RedisClient {
  const place = redisPlace(address.url);
  const client = address.cluster
    ? openCluster(place, MODES[use])
    : openOne(place, {
        ...MODES[use],
        enableOfflineQueue: use === 'worker',
        retryStrategy: retryDelay,
        sentinelRetryStrategy: retryDelay,
        // what was promoted is found again by its name
        reconnectOnError: (error) => error.message.startsWith('READONLY'),
      });
  client.on('error', onError);
  return client;
}

function retryDelay(times: number): number {
  return backOffMillis(times, FIRST_RECONNECT_MILLIS, LONGEST_RECONNECT_MILLIS);
}

type Options = Omit<RedisOptions, 'replyMapping' | 'protocol'>;

/** The server that the place names, or the one that its sentinels name. */
export function openOne(place: RedisPlace, options: Options): Redis {
  const { hosts, db, sentinel, tls } = place;
  const all: Options = { ...CONNECTION, ...accountOf(place), ...options, db };
  if (sentinel === undefined) return new Redis({ ...all, ...hosts[0] });
  return new Redis({
    ...all,
    sentinels: [...hosts],
    sentinelCommandTimeout: CONNECT_MILLIS,
    enableTLSForSentinelMode: tls !== undefined,
    ...sentinelAccountOf(sentinel),
    ...defined({ sentinelTLS: tls }),
  });
}

function sentinelAccountOf({ name, username, password }: RedisSentinel): Options {
  return defined({ name, sentinelUsername: username, sentinelPassword: password });
}

/** Any of its nodes tells of the others. */
function openCluster(place: RedisPlace, mode: Mode): Cluster {
  const ways = { clusterRetryStrategy: retryDelay, slotsRefreshTimeout: CONNECT_MILLIS };
  const redisOptions = { ...CONNECTION, ...mode, ...accountOf(place) };
  if (place.tls === undefined) return new Cluster([...place.hosts], { redisOptions, ...ways });
  return new Cluster([...place.hosts], {
    redisOptions,
    ...ways,
    // a certificate names the host, not the address behind it
    dnsLookup: (address, done) => done(null, address),
  });
}

function accountOf({ username, password, tls }: RedisPlace) {
  return defined({ username, password, tls });
}

/** All keys of a queue lie in one slot of a cluster: what stands in braces is what is hashed. */
export function keyPrefix(prefix: string, { cluster }: RedisAddress): string {
  return cluster && !prefix.includes('{') ? `{${prefix}}` : prefix;
}
