import { Cluster, Redis } from 'ioredis';
import { backOffMillis } from '../../core/back-off.ts';
import { defined } from '../../core/defined.ts';

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

/** Where a Redis is: its URL, and whether it is one node of a cluster. */
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
  const client = address.cluster
    ? openCluster(address.url, MODES[use])
    : new Redis(address.url, {
        ...CONNECTION,
        ...MODES[use],
        enableOfflineQueue: use === 'worker',
        retryStrategy: retryDelay,
      });
  client.on('error', onError);
  return client;
}

function retryDelay(times: number): number {
  return backOffMillis(times, FIRST_RECONNECT_MILLIS, LONGEST_RECONNECT_MILLIS);
}

/** The node of the URL tells of the others. */
function openCluster(text: string, mode: Mode): Cluster {
  const url = new URL(text);
  const node = { host: url.hostname, port: Number(url.port === '' ? 6379 : url.port) };
  const ways = { clusterRetryStrategy: retryDelay, slotsRefreshTimeout: CONNECT_MILLIS };
  const redisOptions = { ...CONNECTION, ...mode, ...credentialsOf(url) };
  if (url.protocol !== 'rediss:') return new Cluster([node], { redisOptions, ...ways });
  return new Cluster([node], {
    redisOptions: { ...redisOptions, tls: {} },
    ...ways,
    // a certificate names the host, not the address behind it
    dnsLookup: (address, done) => done(null, address),
  });
}

function credentialsOf(url: URL): { readonly username?: string; readonly password?: string } {
  const [username, password] = [url.username, url.password].map(decodeURIComponent);
  return defined({ username: username || undefined, password: password || undefined });
}

/** All keys of a queue lie in one slot of a cluster: what stands in braces is what is hashed. */
export function keyPrefix(prefix: string, { cluster }: RedisAddress): string {
  return cluster && !prefix.includes('{') ? `{${prefix}}` : prefix;
}
