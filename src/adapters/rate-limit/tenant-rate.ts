import { defined } from '../../core/defined.ts';
import type { Log } from '../../ports/log.ts';
import type { RateLimit } from '../../ports/rate-limit.ts';
import { openRateLimit } from './open-rate-limit.ts';

/** The limit of a role's API for each tenant, shared over Redis where one is configured. */
export function openTenantRate(
  role: 'sp' | 'gov' | 'pf',
  config: { readonly tenantRate: number; readonly redisUrl?: string; readonly queuePrefix?: string },
  log: Log,
): Promise<RateLimit> {
  return openRateLimit(
    defined({
      perSecond: config.tenantRate,
      prefix: config.queuePrefix ?? `jitsuin:${role}`,
      redisUrl: config.redisUrl,
      onError: () => log.warn('rate-limit.store-away', { code: 'queue.unavailable' }),
    }),
  );
}
