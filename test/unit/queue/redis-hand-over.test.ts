import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JobRow, JobTable } from '../../../src/adapters/queue/job-table.ts';
import { OutboxRelay } from '../../../src/adapters/queue/outbox-relay.ts';
import type { QueueOptions } from '../../../src/adapters/queue/queue-options.ts';
import { queueSettings } from '../../../src/adapters/queue/queue-settings.ts';
import { judgeInfo } from '../../../src/adapters/queue/redis-address.ts';
import {
  CONNECTION,
  keyPrefix,
  redisClient,
  SILENCE_MILLIS,
} from '../../../src/adapters/queue/redis-client.ts';
import { redisFault } from '../../../src/adapters/queue/redis-fault.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { FakeClock, FakeLog } from '../../support/fakes.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const BATCH = 500;
const LOST_AFTER = 30_000;
type Listener = (jobs: readonly { readonly name: string }[]) => void;
type Asked = readonly [kind: string, limit: number, lostBefore: number | undefined];

/** A relay over a table that gives these batches by kind, and a Redis that takes them or not. */
function bench(change: Partial<QueueOptions> = {}) {
  const [clock, log] = [new FakeClock(), new FakeLog()];
  const listeners = new Set<Listener>();
  const store = {
    role: 'sp',
    onJobs: (listener: Listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const options = { store, clock, log, ...change } as object as QueueOptions;
  const asked: Asked[] = [];
  const given: { name: string; jobs: { data: object; opts: object }[] }[] = [];
  const unpublished: (readonly string[])[] = [];
  const batches = { deadline: [] as JobRow[][], other: [] as JobRow[][] };
  const state = { takes: true, something: true };
  const looked: number[] = [];
  const table = {
    takeUnpublished: async (kind: 'deadline' | 'other', _now: number, limit: number, lost?: number) => {
      asked.push([kind, limit, lost]);
      return lost === undefined ? (batches[kind].shift() ?? []) : [];
    },
    anyUnpublished: async (lost: number) => {
      looked.push(lost);
      return state.something;
    },
    unpublish: async (ids: readonly string[]) => void unpublished.push(ids),
  } as object as JobTable;
  const queueOf = (name: string) =>
    ({
      addBulk: async (jobs: { data: object; opts: object }[]) => {
        if (!state.takes) throw new JitsuinError('queue.unavailable', '');
        given.push({ name, jobs });
      },
    }) as never;
  const relay = new OutboxRelay(queueSettings(options), table, queueOf);
  return { relay, clock, log, listeners, asked, looked, given, unpublished, batches, state };
}
const rows = (count: number, columns: Partial<JobRow> = {}): JobRow[] =>
  Array.from(
    { length: count },
    (_, n) =>
      ({
        id: `j${n}`,
        name: 'verify',
        version: 1,
        subject: `s${n}`,
        run_at: 0,
        fence: 3,
        ...columns,
      }) as JobRow,
  );
const LOOK = (lost?: number): Asked[] => [
  ['deadline', BATCH, lost],
  ['other', BATCH, lost],
];

describe('the hand-over to Redis', () => {
  it('gives ids and versions only, by name, the oldest first, each with its wait', async () => {
    const { relay, clock, batches, given, asked } = bench();
    const now = clock.now();
    const [late = {} as JobRow] = rows(1, { id: 'b', run_at: now + 9 });
    const [due = {} as JobRow] = rows(1, { id: 'a', run_at: now - 9 });
    const [swept = {} as JobRow] = rows(1, { id: 'c', name: 'sweep', run_at: now });
    batches.other.push([late, swept, due]);
    expect(await relay.run()).toBe(3);
    const opts = { removeOnComplete: true, removeOnFail: true };
    const job = (id: string, name: string, delay: number) => ({
      name,
      data: { v: 1, id, name, subject: 's0' },
      opts: { ...opts, jobId: `${id}-3`, delay },
    });
    expect(given).toEqual([
      { name: 'verify', jobs: [job('a', 'verify', 0), job('b', 'verify', 9)] },
      { name: 'sweep', jobs: [job('c', 'sweep', 0)] },
    ]);
    expect(asked).toEqual([...LOOK(), ...LOOK(now - LOST_AFTER)]);
    await relay.close();
  });

  it('looks for what has a deadline before each batch of the others', async () => {
    const { relay, batches, asked } = bench();
    batches.deadline.push(rows(BATCH), rows(2), rows(1));
    batches.other.push(rows(BATCH), rows(BATCH - 1));
    expect(await relay.run()).toBe(2 * BATCH + BATCH - 1 + 3);
    const kinds = asked.filter(([, , lost]) => lost === undefined).map(([kind]) => kind);
    expect(kinds).toEqual(['deadline', 'deadline', 'other', 'deadline', 'other']);
    await relay.close();
  });

  it('takes back what Redis refused, says so once, and does not throw', async () => {
    const { relay, batches, state, unpublished, log } = bench();
    state.takes = false;
    batches.other.push(rows(2));
    expect(await relay.run()).toBe(0);
    expect(unpublished).toEqual([['j0', 'j1']]);
    expect(log.lines).toEqual([
      { level: 'warn', event: 'queue.relay-failed', fields: { code: 'queue.unavailable' } },
    ]);
    await relay.close();
  });

  it('goes on after each commit, every second, and after a call during a run; not once closed', async () => {
    const { relay, asked, listeners } = bench();
    const looks = () => asked.length / 4;
    for (const listener of listeners) listener([{ name: 'verify' }, { name: 'fetch-result' }]);
    await vi.advanceTimersByTimeAsync(0);
    // what was just committed is there, and nothing else is looked for
    expect(asked.splice(0)).toEqual(LOOK());
    for (const listener of listeners) listener([{ name: 'sweep' }]);
    await vi.advanceTimersByTimeAsync(0);
    expect(asked.splice(0)).toEqual([['other', BATCH, undefined]]);
    await relay.run();
    expect(looks()).toBe(1);
    await vi.advanceTimersByTimeAsync(999);
    expect(looks()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(looks()).toBe(2);
    await Promise.all([relay.run(), relay.run(), relay.run()]);
    expect(looks()).toBe(4);
    await relay.close();
    expect([listeners.size, vi.getTimerCount(), await relay.run(), looks()]).toEqual([0, 0, 0, 4]);
  });

  it('looks once, and no further, where nothing waits', async () => {
    const { relay, clock, asked, looked, state } = bench();
    state.something = false;
    expect(await relay.run()).toBe(0);
    expect([looked, asked]).toEqual([[clock.now() - LOST_AFTER], []]);
    await relay.close();
  });

  it('after a commit during a look at everything looks at its kinds alone', async () => {
    const { relay, asked, listeners } = bench();
    const running = relay.run();
    for (const listener of listeners) listener([{ name: 'fetch-result' }]);
    await running;
    expect(asked.slice(4)).toEqual([['deadline', BATCH, undefined]]);
    await relay.close();
  });

  it('looks as often as jobs may be lost, where that is sooner than a second', async () => {
    const { relay, asked } = bench({ republishMillis: 100 });
    await vi.advanceTimersByTimeAsync(100);
    expect(asked).toHaveLength(4);
    await relay.close();
  });
});

describe('settings of the queue', () => {
  const given = { store: { role: 'gov' }, clock: 1, log: 2 } as object as QueueOptions;
  it('have their defaults', () => {
    expect(queueSettings(given)).toEqual({
      ...given,
      prefix: 'jitsuin:gov',
      leaseMillis: 30_000,
      timeLimitMillis: 60_000,
      maxAttempts: 100,
      maxLosses: 10,
      backoffMillis: 1_000,
      pollMillis: 250,
      republishMillis: 30_000,
      limits: {},
    });
  });

  it('are taken as they are said', () => {
    const said = {
      ...{ prefix: 'p', leaseMillis: 1, timeLimitMillis: 2, maxAttempts: 3, maxLosses: 4, backoffMillis: 5 },
      ...{ pollMillis: 6, republishMillis: 7, limits: { verify: { max: 1, durationMillis: 8 } } },
    };
    expect(queueSettings({ ...given, ...said })).toEqual({ ...given, ...said });
  });
});

describe('connections to Redis', () => {
  it('are given up when they are silent for longer than BullMQ waits', () => {
    expect(CONNECTION).toEqual({ connectTimeout: 5_000, keepAlive: 10_000, socketTimeout: 30_000 });
    expect(SILENCE_MILLIS).toBe(30_000);
  });

  it.each([
    ['worker', null, undefined, true],
    ['producer', 1, 5_000, false],
    ['limiter', 1, 500, false],
  ] as const)('of a %s: %s tries, %s ms, queue while away %s', (use, tries, timeout, offline) => {
    const client = redisClient({ url: 'redis://127.0.0.1:1', cluster: false }, use, () => undefined);
    const { options } = client as unknown as { options: Record<string, unknown> };
    expect(options).toMatchObject({
      ...CONNECTION,
      maxRetriesPerRequest: tries,
      enableOfflineQueue: offline,
    });
    expect(options['commandTimeout']).toBe(timeout);
    const delay = options['retryStrategy'] as (times: number) => number;
    expect([1, 2, 5, 6, 7, 90].map(delay)).toEqual([100, 200, 1_600, 2_000, 2_000, 2_000]);
    client.disconnect();
  });

  it.each([
    ['jitsuin:sp', false, 'jitsuin:sp'],
    ['jitsuin:sp', true, '{jitsuin:sp}'],
    ['a{b}', true, 'a{b}'],
    ['a{b}', false, 'a{b}'],
  ])('the prefix %s, in a cluster %s: %s', (prefix, cluster, key) => {
    expect(keyPrefix(prefix, { url: '', cluster })).toBe(key);
  });
});

describe('what is wrong with a Redis', () => {
  const url = 'redis://user:secret@queue.example:7000/3';
  const FAULTS: readonly (readonly [said: string, word: RegExp])[] = [
    ['WRONGPASS invalid', /refuses the user or the password/],
    ['ERR invalid username-password pair', /refuses the user or the password/],
    ['NOAUTH Authentication required', /wants a password/],
    ['ERR AUTH called without any password configured', /wants a password/],
    ['ERR DB index is out of range', /database number/],
    ['ERR SELECT is not allowed in cluster mode', /database number/],
    ['READONLY You cannot write', /read-only replica/],
    ['MOVED 1 a:1', /cluster is not whole/],
    ['CROSSSLOT Keys', /cluster is not whole/],
    ['CLUSTERDOWN', /cluster is not whole/],
    ['Failed to refresh slots cache.', /cluster is not whole/],
    ['MISCONF Redis', /MISCONF/],
    ['OOM command not allowed', /OOM/],
    ['LOADING Redis is loading', /still loading/],
    ['connect ECONNREFUSED 1', /Nothing listens/],
    ['getaddrinfo ENOTFOUND q', /host name/],
    ['getaddrinfo EAI_AGAIN q', /host name/],
    ['connect EHOSTUNREACH', /no way to the host/],
    ['connect ENETUNREACH', /no way to the host/],
    ['wrong version number', /speaks without TLS/],
    ['write EPROTO', /speaks without TLS/],
    ['packet length too long', /speaks without TLS/],
    ['self-signed certificate', /not trusted/],
    ['CERT_HAS_EXPIRED', /not trusted/],
    ['Connection is closed.', /closes the connection at once/],
    ['read ECONNRESET', /closes the connection at once/],
    ['socket hang up', /closes the connection at once/],
    ['connect ETIMEDOUT', /does not answer/],
    ['Command timed out', /does not answer/],
    ['Socket timeout', /does not answer/],
    ['something else', /reason is not known/],
  ];

  it.each(FAULTS)('%s', (said, word) => {
    const forms: readonly Error[] = [
      new Error(said),
      Object.assign(new Error('Failed.'), { code: said }),
      Object.assign(new Error('x'), { lastNodeError: new Error(said) }),
      new AggregateError([new Error('x'), new Error(said)], ''),
    ];
    for (const form of forms) {
      const fault = redisFault(form, url);
      expect(fault).toMatchObject({ code: 'queue.unavailable', at: 'REDIS_URL' });
      expect(fault.message).toMatch(word);
      expect(fault.message).toContain('(queue.example:7000)');
      expect(fault.message).not.toMatch(/secret|user:/);
      expect(fault.message).not.toContain('Perhaps that port');
    }
  });

  it('names the usual port, and says TLS where the address does and nobody answers', () => {
    const words = (said: string, address: string) => redisFault(new Error(said), address).message;
    expect(words('connect ETIMEDOUT', 'rediss://q')).toMatch(/does not answer.*\(q:6379\) Perhaps that port/);
    expect(words('connect ECONNREFUSED', 'rediss://q')).not.toContain('Perhaps');
  });

  it.each([
    ["NOPERM User queue has no permissions to run the 'xadd' command", 'xadd'],
    ["NOPERM this user has no permissions to run the 'client|setname' command", 'client|setname'],
    ["ACL failure in script: User q has no permissions to run the 'zadd' command", 'zadd'],
    ['NOPERM No permissions to access a key', 'its keys'],
  ])('%s: names the right', (said, right) => {
    expect(redisFault(new Error(said), url).message).toContain(`lacks the right to: ${right}. It needs: ACL`);
  });

  it('leaves a fault of ours as it is, and what is no error unknown', () => {
    const ours = new JitsuinError('queue.unavailable', 'known');
    expect(redisFault(ours, url)).toBe(ours);
    expect(redisFault('ECONNREFUSED', url).message).toContain('not known');
  });
});

describe('a node of a cluster', () => {
  const info = (enabled: string, state: string, role = 'master') =>
    `maxmemory_policy:noeviction\r\nrole:${role}\r\ncluster_enabled:${enabled}\r\ncluster_state:${state}\r\n`;
  it('is known by its word, and carries nothing while the cluster is not whole', () => {
    expect(judgeInfo(info('1', 'ok'))).toBe(true);
    expect(judgeInfo(info('0', 'fail'))).toBe(false);
    expect(() => judgeInfo(info('1', 'fail'))).toThrow(/cluster is not whole/);
  });
  it('may be a replica, which elsewhere is refused', () => {
    expect(judgeInfo(info('1', 'ok', 'slave'))).toBe(true);
    expect(() => judgeInfo(info('0', '', 'slave'))).toThrow(
      expect.objectContaining({ code: 'queue.unavailable', at: 'REDIS_URL' }),
    );
  });
});
