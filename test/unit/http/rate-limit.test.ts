import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/clock.ts';
import { silentLog } from '../../../src/adapters/log/pino-log.ts';
import { systemRandom } from '../../../src/adapters/random.ts';
import { openRateLimit } from '../../../src/adapters/rate-limit/open-rate-limit.ts';
import type { TenantId } from '../../../src/core/brand.ts';
import { createEdge } from '../../../src/http/edge.ts';
import { type Listening, listen } from '../../../src/http/listen.ts';
import { authenticate, limitedTenants } from '../../../src/http/tenants.ts';
import type { RateLimit } from '../../../src/ports/rate-limit.ts';
import { serverReachable, TEST_REDIS_URL } from '../../support/servers.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function opened(perSecond: number, redisUrl?: string, prefix = 'test:rate'): Promise<RateLimit> {
  const redis = redisUrl === undefined ? {} : { redisUrl };
  const limit = await openRateLimit({ perSecond, prefix, onError: () => undefined, ...redis });
  closing.push(() => limit.close());
  return limit;
}

const take = (limit: RateLimit, name: string, times: number) =>
  Promise.all(Array.from({ length: times }, () => limit.take(name)));
const refused = (waits: readonly (number | undefined)[]) => waits.filter((wait) => wait !== undefined);

describe('openRateLimit', () => {
  it('lets so many through in a second for each name, and says how long to wait', async () => {
    const limit = await opened(5);
    const waits = refused(await take(limit, 'a', 8));
    expect(waits).toHaveLength(3);
    for (const wait of waits) expect(wait).toSatisfy((millis: number) => millis >= 1 && millis <= 1000);
    expect(refused(await take(limit, 'b', 5))).toEqual([]);
  });

  it('0 counts nothing', async () => {
    expect(refused(await take(await opened(0), 'a', 1_000))).toEqual([]);
  });

  it('an unreachable Redis: each process counts for itself', async () => {
    const limit = await opened(2, 'redis://127.0.0.1:1');
    expect(refused(await take(limit, 'a', 3))).toHaveLength(1);
  });
});

describe.skipIf(!(await serverReachable(TEST_REDIS_URL, 'Redis')))('over Redis', () => {
  it('two processes share the count', async () => {
    const prefix = `test:rate:${crypto.randomUUID()}`;
    const limits = await Promise.all([opened(4, TEST_REDIS_URL, prefix), opened(4, TEST_REDIS_URL, prefix)]);
    const bothAtOnce = async () => {
      const name = crypto.randomUUID();
      return refused((await Promise.all(limits.map((limit) => take(limit, name, 4)))).flat()).length;
    };
    // until both connections are up each process counts for itself
    await expect.poll(bothAtOnce, { timeout: 5_000 }).toBeGreaterThanOrEqual(4);
  });
});

describe('limitedTenants (A17)', () => {
  async function serve(perSecond: number): Promise<Listening> {
    const judge = limitedTenants(
      async (bearer) => (bearer.startsWith('tenant') ? { tenant: bearer as TenantId } : undefined),
      await opened(perSecond),
    );
    const app = createEdge({ log: silentLog, random: systemRandom(systemClock) }, (edge) => {
      edge.get('/', authenticate(judge), (_request, response) => void response.json({}));
    });
    const listening = await listen(app, { host: '127.0.0.1', port: 0 });
    closing.push(() => listening.close(0));
    return listening;
  }
  const ask = (url: string, bearer: string) => fetch(url, { headers: { authorization: `Bearer ${bearer}` } });

  it('a storm of one tenant is answered 429 with Retry-After; another tenant does not notice', async () => {
    const { url } = await serve(5);
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask(url, 'tenant-a')));
    const counted = (status: number) => answers.filter((answer) => answer.status === status).length;
    expect(counted(200)).toBeGreaterThanOrEqual(5);
    expect(counted(200) + counted(429)).toBe(12);
    const over = answers.find((answer) => answer.status === 429);
    expect(over?.headers.get('retry-after')).toBe('1');
    expect(await over?.json()).toMatchObject({ code: 'http.rate', status: 429 });
    expect((await ask(url, 'tenant-b')).status).toBe(200);
  });

  it('a stranger is not counted: 401 however often', async () => {
    const { url } = await serve(1);
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(url, 'stranger')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
  });
});
