import rateLimiters, { type RateLimiterAbstract, type RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimit } from '../../ports/rate-limit.ts';

interface RateLimitOptions {
  /** Requests a second of one name; 0 counts nothing. */
  readonly perSecond: number;
  /** Shared by all processes; absent: each process counts for itself. */
  readonly redisUrl?: string;
  /** What the queue's keys begin with in Redis. */
  readonly prefix: string;
  /** Told once for each failure of the connection. */
  readonly onError: () => void;
}

const NONE: RateLimit = { take: async () => undefined, close: async () => undefined };

/** While Redis is away each process counts for itself: a limit is no reason to refuse everybody. */
export async function openRateLimit(options: RateLimitOptions): Promise<RateLimit> {
  if (options.perSecond === 0) return NONE;
  const counts = { points: options.perSecond, duration: 1 };
  const memory = new rateLimiters.RateLimiterMemory(counts);
  if (options.redisUrl === undefined) return rateLimit(memory, options.perSecond, async () => undefined);
  const { keyPrefix, redisClient } = await import('../queue/redis-client.ts');
  const { addressOf } = await import('../queue/redis-address.ts');
  const url = options.redisUrl;
  // one that is away now is no cluster until the next start: each process then counts for itself
  const place = await addressOf(url).catch(() => ({ url, cluster: false }));
  const client = redisClient(place, 'limiter', options.onError);
  const shared = new rateLimiters.RateLimiterRedis({
    ...counts,
    keyPrefix: `${keyPrefix(options.prefix, place)}:rate`,
    storeClient: client,
    rejectIfRedisNotReady: true,
    insuranceLimiter: memory,
  });
  return rateLimit(shared, options.perSecond, async () => client.disconnect());
}

function rateLimit(limiter: RateLimiterAbstract, perSecond: number, close: () => Promise<void>): RateLimit {
  return {
    close,
    take: async (name, points = 1) => {
      try {
        // the largest request takes a second's worth: more would never be had
        await limiter.consume(name, Math.min(points, perSecond));
        return undefined;
      } catch (thrown) {
        if (thrown instanceof Error) throw thrown;
        return Math.max(1, (thrown as RateLimiterRes).msBeforeNext);
      }
    },
  };
}
