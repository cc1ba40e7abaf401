import { MINUTE_MILLIS } from '../../core/spans.ts';
import type { QueueOptions } from './queue-options.ts';

/** Queue options with their defaults. */
export type QueueSettings = Required<Omit<QueueOptions, 'redisUrl' | 'prefix'>> & { readonly prefix: string };

export function queueSettings(options: QueueOptions): QueueSettings {
  const { store, clock, log } = options;
  return {
    store,
    clock,
    log,
    prefix: options.prefix ?? `jitsuin:${store.role}`,
    leaseMillis: options.leaseMillis ?? 30_000,
    timeLimitMillis: options.timeLimitMillis ?? MINUTE_MILLIS,
    maxAttempts: options.maxAttempts ?? 100,
    maxLosses: options.maxLosses ?? 10,
    backoffMillis: options.backoffMillis ?? 1_000,
    pollMillis: options.pollMillis ?? 250,
    republishMillis: options.republishMillis ?? 30_000,
    limits: options.limits ?? {},
  };
}
