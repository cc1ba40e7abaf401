import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { JobTable } from '../../../src/adapters/queue/job-table.ts';
import { openQueueAdmin } from '../../../src/adapters/queue/queue-admin.ts';
import { Slots } from '../../../src/adapters/queue/slots.ts';
import { openStore, type Store } from '../../../src/adapters/store/open-store.ts';
import type { JobTable as JobColumns } from '../../../src/adapters/store/schema/schema.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import type { JobName, JobRequest } from '../../../src/ports/job-queue.ts';
import { auditEvent, verification } from '../../integration/store/records.ts';
import { FakeClock } from '../../support/fakes.ts';
import { PLAIN_SEALER } from '../../support/staff-kit.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

let store: Store;
let table: JobTable;
const clock = new FakeClock();
const NOW = clock.now();
const instant = (millis: number) => millis as EpochMillis;
beforeAll(async () => {
  store = await openStore({ dataDir: ':memory:', role: 'pf', sealer: PLAIN_SEALER, clock });
  table = new JobTable(store);
});
beforeEach(async () => {
  await store.kysely.deleteFrom('jobs').execute();
  await store.kysely.deleteFrom('leases').execute();
});
afterAll(() => store.close());

let published = 0;
/** One job with these columns; gives its id. */
async function jobWith(
  columns: Partial<JobColumns> = {},
  request: Partial<JobRequest> = {},
): Promise<string> {
  published += 1;
  const key = `key ${published}`;
  const job = { name: 'verify' as const, subject: `s${published}`, key, ...request };
  await store.verifications.insert(verification(`v${published}`), { jobs: [job], audit: [auditEvent('x')] });
  const jobs = store.kysely.updateTable('jobs').where('job_key', '=', job.key);
  const [row] = await jobs
    .set({ run_at: NOW, ...columns })
    .returningAll()
    .execute();
  if (row === undefined) throw new Error('no job was written');
  return row.id;
}
const rowOf = async (id: string) => {
  const row = await table.find(id);
  if (row === undefined) throw new Error(`no job ${id}`);
  return row;
};
const active = {
  state: 'active',
  attempts: 3,
  losses: 1,
  fence: 5,
  lease_owner: 'o',
  lease_until: NOW,
} as const;
const released = { lease_owner: null, lease_until: 0 };
const waiting = { ...released, state: 'waiting', published_at: null };

describe('who holds the newest claim may end it, and nobody else', () => {
  type End = readonly [
    what: string,
    end: (claim: { id: string; fence: number }) => Promise<boolean>,
    left: object,
  ];
  const ENDS: readonly End[] = [
    ['a heartbeat', (claim) => table.heartbeat(claim, NOW + 7), { state: 'active', lease_until: NOW + 7 }],
    [
      'done',
      (claim) => table.done(claim, NOW),
      { ...released, state: 'done', finished_at: NOW, attempts: 3 },
    ],
    [
      'later',
      (claim) => table.later(claim, NOW + 9),
      { ...waiting, run_at: NOW + 9, attempts: 0, losses: 0 },
    ],
    [
      'a failure',
      (claim) => table.retryLater(claim, NOW + 9, { reason: 'upstream.temporary' }),
      { ...waiting, run_at: NOW + 9, attempts: 3, losses: 1, reason: 'upstream.temporary' },
    ],
    [
      'a dead letter',
      (claim) => table.dead(claim, NOW, { reason: 'http.forbidden', status: 403, octets: 9 }),
      { ...released, state: 'dead', finished_at: NOW, reason: 'http.forbidden 403 9' },
    ],
    [
      'given back',
      (claim) => table.release(claim, NOW, 3),
      { ...waiting, run_at: NOW, attempts: 2, losses: 1 },
    ],
    ['given back at once', (claim) => table.release(claim, NOW, 0), { ...waiting, attempts: 0 }],
  ];

  it.each(ENDS)('%s', async (_what, end, left) => {
    const id = await jobWith({ ...active, published_at: NOW });
    const other = await jobWith(active);
    for (const fence of [4, 6]) expect(await end({ id, fence }), `fence ${fence}`).toBe(false);
    expect(await rowOf(id)).toMatchObject({ ...active, published_at: NOW });
    expect(await end({ id, fence: 5 })).toBe(true);
    expect(await rowOf(id)).toMatchObject({ fence: 5, ...left });
    expect(await rowOf(other)).toMatchObject(active);
    for (const state of ['waiting', 'done', 'dead'] as const) {
      const ended = await jobWith({ ...active, state });
      expect(await end({ id: ended, fence: 5 }), state).toBe(false);
    }
  });
});

describe('a job that Redis brings', () => {
  const claim = (id: string, name: JobName = 'verify') => table.claimOne({ id, name }, 'me', NOW, NOW + 30);

  it('is claimed once, when it is due', async () => {
    const id = await jobWith({ run_at: NOW });
    expect(await claim(id)).toMatchObject({
      ...{ id, state: 'active', attempts: 1, fence: 1, lease_owner: 'me', lease_until: NOW + 30 },
    });
    expect(await claim(id)).toBeUndefined();
  });

  it.each([
    ['not yet due', { run_at: NOW + 1 }],
    ['done', { state: 'done' as const }],
    ['dead', { state: 'dead' as const }],
  ])('is not claimed when it is %s', async (_what, columns) => {
    const id = await jobWith(columns);
    expect(await claim(id)).toBeUndefined();
  });

  it('is not claimed under another name, nor by a program that does not know its payload', async () => {
    const id = await jobWith();
    expect(await claim(id, 'sweep')).toBeUndefined();
    await store.kysely.updateTable('jobs').set({ version: 2 }).where('id', '=', id).execute();
    expect(await claim(id)).toBeUndefined();
  });

  it.each(['subject', 'name'] as const)('is dead when somebody changed its %s', async (column) => {
    const id = await jobWith();
    await store.kysely
      .updateTable('jobs')
      .set({ [column]: 'sweep' })
      .where('id', '=', id)
      .execute();
    expect(await claim(id, column === 'name' ? 'sweep' : 'verify')).toBeUndefined();
    expect(await rowOf(id)).toMatchObject({ state: 'dead', reason: 'seal.integrity', finished_at: NOW });
  });
});

describe('a look for work', () => {
  const look = (names: Parameters<JobTable['claimDue']>[0]['names'], now = NOW) =>
    table.claimDue({ names, owner: 'me', now, leaseUntil: now + 30 });
  const wish = (name: JobName, concurrency: number) => ({
    name,
    slots: new Slots({ concurrency }, () => undefined),
  });

  it('claims the oldest due jobs of each name, as many as there are slots', async () => {
    const [third, first, second] = [
      await jobWith({ run_at: NOW }),
      await jobWith({ run_at: NOW - 2 }),
      await jobWith({ run_at: NOW - 1 }),
    ];
    const swept = await jobWith({}, { name: 'sweep' });
    await jobWith({ run_at: NOW + 1 }, { name: 'sweep' });
    await jobWith({ published_at: NOW });
    await jobWith({ version: 2, run_at: NOW - 9 });
    await jobWith({ ...active, run_at: NOW - 9 });
    await jobWith({}, { name: 'fetch-result' });
    const { rows, more, nextTurnIn } = await look([wish('verify', 2), wish('sweep', 5)]);
    expect(rows.map(({ id }) => id).sort()).toEqual([first, second, swept].sort());
    expect([more, nextTurnIn]).toEqual([['verify'], undefined]);
    for (const row of rows)
      expect(row).toMatchObject({
        state: 'active',
        attempts: 1,
        fence: 1,
        lease_owner: 'me',
        lease_until: NOW + 30,
      });
    const again = await look([wish('verify', 2), wish('sweep', 5)]);
    expect(again.rows.map(({ id }) => id)).toEqual([third]);
    expect((await look([wish('verify', 2)])).rows).toEqual([]);
    expect((await look([])).rows).toEqual([]);
  });

  it('starts a limited name once in its interval, and says when the next turn is', async () => {
    for (let n = 0; n < 3; n += 1) await jobWith();
    const limited = { ...wish('verify', 5), permit: { interval: 1_000, jobs: 1 } };
    const started = async (gone: number) => (await look([limited], instant(NOW + gone))).rows.length;
    expect((await look([limited])).nextTurnIn).toBe(1_000);
    expect([await started(999), await started(1_000), await started(1_999), await started(2_000)]).toEqual([
      0, 1, 0, 1,
    ]);
    // nothing is due: nobody takes a turn
    expect(await look([limited], instant(NOW + 9_000))).toEqual({ rows: [], more: [] });
  });

  it('a turn that a clock set back has left far ahead holds nobody', async () => {
    const turn = async (now: number) => {
      await jobWith({ run_at: NOW - 3_600_000 });
      const limited = { ...wish('verify', 5), permit: { interval: 1_000, jobs: 1 } };
      return (await look([limited], instant(now))).rows.length;
    };
    expect(await turn(NOW)).toBe(1);
    // its end lies interval + 60 s ahead at most
    expect(await turn(NOW - MINUTE)).toBe(0);
    expect(await turn(NOW - MINUTE - 1)).toBe(1);
  });

  it('fills each endpoint and tenant up to its slots', async () => {
    let sooner = 100;
    const lane = (endpoint: string, tenant: string) => {
      // ids of one millisecond have no order: the older ones are due sooner
      sooner -= 1;
      return jobWith({ run_at: NOW - sooner }, { lane: { endpoint, tenant } });
    };
    const [a1, a2, b1] = [await lane('a', 't'), await lane('a', 't'), await lane('b', 't')];
    const c1 = await lane('c', 'u');
    const free = await jobWith();
    const slots = new Slots({ concurrency: 9, perEndpoint: 1, perTenant: 2 }, () => undefined);
    const names = [{ name: 'verify' as const, slots }];
    const first = await look(names);
    expect(first.rows.map(({ id }) => id).sort()).toEqual([a1, b1, c1, free].sort());
    expect(first.more).toEqual([]);
    for (const row of first.rows) slots.take(row);
    // endpoint a and tenant t are full: the look does not even see them
    expect(await look(names)).toEqual({ rows: [], more: [] });
    const more = await lane('d', 'u');
    expect((await look(names)).rows.map(({ id }) => id)).toEqual([more]);
    expect((await rowOf(a2)).state).toBe('waiting');
  });

  it('says that there may be more where it saw as many as it looks at', async () => {
    for (let n = 0; n < 100; n += 1) await jobWith({}, { lane: { endpoint: 'a' } });
    const names = [
      { name: 'verify' as const, slots: new Slots({ concurrency: 3, perEndpoint: 1 }, () => undefined) },
    ];
    const { rows, more } = await look(names);
    expect([rows.length, more]).toEqual([1, ['verify']]);
    // 99 are left, fewer than it looks at
    expect((await look(names)).more).toEqual([]);
  });

  it('kills what somebody else wrote, and gives the others', async () => {
    const [forged, ours] = [await jobWith(), await jobWith()];
    await store.kysely.updateTable('jobs').set({ subject: 'x' }).where('id', '=', forged).execute();
    expect((await look([wish('verify', 9)])).rows.map(({ id }) => id)).toEqual([ours]);
    expect(await rowOf(forged)).toMatchObject({ state: 'dead', reason: 'seal.integrity' });
  });
});

describe('a worker that fell silent', () => {
  it.each([
    [NOW + 1, 0],
    [NOW, 1],
    [NOW - 5, 1],
  ])('its lease ends at %d: %d come back', async (lease_until, count) => {
    const id = await jobWith({ ...active, lease_until, published_at: NOW });
    expect(await table.reap(NOW, 10)).toBe(count);
    expect(await rowOf(id)).toMatchObject(
      count === 0
        ? { ...active, lease_until }
        : { ...waiting, run_at: NOW, losses: 2, attempts: 3, fence: 5 },
    );
  });

  it.each([
    [1, 'waiting'],
    [8, 'waiting'],
    [9, 'dead'],
    [40, 'dead'],
  ])('lost %d times before, of ten that it may be: %s', async (losses, state) => {
    const id = await jobWith({ ...active, losses });
    await table.reap(NOW, 10);
    expect(await rowOf(id)).toMatchObject(
      state === 'dead'
        ? { ...released, state, reason: 'queue.abandoned', finished_at: NOW, losses: losses + 1 }
        : { ...waiting, losses: losses + 1, reason: null },
    );
  });

  it('leaves all others alone', async () => {
    const states = ['waiting', 'done', 'dead'] as const;
    const ids = await Promise.all(states.map((state) => jobWith({ ...active, state })));
    expect(await table.reap(NOW, 10)).toBe(0);
    for (const [n, id] of ids.entries()) expect((await rowOf(id)).state).toBe(states[n]);
  });
});

describe('what a clock that was set back left far ahead is due now', () => {
  const PLANNED = 15 * MINUTE;
  const LEASED = 10 * MINUTE;
  it.each([
    ['planned', { run_at: NOW + PLANNED }, 'verify', false],
    ['planned', { run_at: NOW + PLANNED + 1 }, 'verify', true],
    ['planned, a webhook', { run_at: NOW + PLANNED + 1 }, 'deliver-webhook', false],
    ['leased', { ...active, lease_until: NOW + LEASED }, 'verify', false],
    ['leased', { ...active, lease_until: NOW + LEASED + 1 }, 'verify', true],
    ['leased, a webhook', { ...active, lease_until: NOW + LEASED + 1 }, 'deliver-webhook', false],
    [
      'done, whatever it says',
      { ...active, state: 'done', lease_until: NOW + DAY, run_at: NOW + DAY },
      'verify',
      false,
    ],
  ] as const)('%s %j of %s: %s', async (_what, columns, name, moved) => {
    const id = await jobWith(columns, { name });
    const before = await rowOf(id);
    expect(await table.reap(NOW, 10)).toBe(moved ? 1 : 0);
    expect(await rowOf(id)).toEqual(
      moved ? { ...before, ...waiting, run_at: NOW, fence: before.fence + 1 } : before,
    );
  });
});

describe('an endpoint that does not answer', () => {
  it('rests: its waiting jobs of that name start no earlier, and nobody else’s', async () => {
    const lane = { lane: { endpoint: 'e' } };
    const until = NOW + 1_000;
    const row = await rowOf(await jobWith({}, lane));
    const [sooner, later, running, otherName, otherEndpoint, none] = [
      await jobWith({}, lane),
      await jobWith({ run_at: until + 1 }, lane),
      await jobWith({ ...active }, lane),
      await jobWith({}, { ...lane, name: 'sweep' }),
      await jobWith({}, { lane: { endpoint: 'f' } }),
      await jobWith(),
    ];
    await table.rest(row, until);
    const runAt = async (id: string) => (await rowOf(id)).run_at - NOW;
    expect(await Promise.all([row.id, sooner, later].map(runAt))).toEqual([1_000, 1_000, 1_001]);
    expect(await Promise.all([running, otherName, otherEndpoint, none].map(runAt))).toEqual([0, 0, 0, 0]);
    await table.rest(await rowOf(none), until);
    expect(await runAt(none)).toBe(0);
  });
});

describe('what operators see and do', () => {
  it('counts each state, the due ones apart from the planned', async () => {
    await jobWith({ run_at: NOW });
    await jobWith({ run_at: NOW - 1 });
    await jobWith({ run_at: NOW + 1 });
    await jobWith(active);
    for (let n = 0; n < 4; n += 1) await jobWith({ state: 'dead' });
    await jobWith({ state: 'done' });
    const counts = { waiting: 2, delayed: 1, active: 1, dead: 4 };
    expect(await table.counts(NOW)).toEqual(counts);
    expect(await table.countDue(NOW)).toBe(2);
    expect(await openQueueAdmin(store, clock).counts()).toEqual(counts);
  });

  it('lists dead letters, the newest first, so many', async () => {
    const dead = { state: 'dead', attempts: 4, reason: 'http.forbidden' } as const;
    const [old, newer] = [
      await jobWith({ ...dead, finished_at: NOW - 2 }),
      await jobWith({ ...dead, finished_at: NOW - 1 }),
    ];
    const nameless = await jobWith({ state: 'dead', finished_at: NOW, reason: null });
    await jobWith({ ...dead, state: 'done', finished_at: NOW });
    const letters = await table.deadLetters(10);
    expect(letters.map(({ id }) => id)).toEqual([nameless, newer, old]);
    expect(letters[0]?.reason).toBe('internal.unexpected');
    expect(letters[2]).toMatchObject({
      ...{ name: 'verify', attempts: 4, reason: 'http.forbidden', failedAt: NOW - 2 },
    });
    expect(await openQueueAdmin(store, clock).deadLetters(1)).toHaveLength(1);
    const unfinished = await jobWith({ state: 'dead', finished_at: null });
    const letter = (await table.deadLetters(10)).find(({ id }) => id === unfinished);
    expect(letter?.failedAt).toBe(0);
  });

  it.each([
    [{ reason: 'http.forbidden' }, 'http.forbidden'],
    [{ reason: 'http.forbidden', status: 403 }, 'http.forbidden 403'],
    [{ reason: 'http.forbidden', status: 413, octets: 0 }, 'http.forbidden 413 0'],
  ])('reads a failure as it was written: %j', async (failure, written) => {
    const id = await jobWith(active);
    await table.dead({ id, fence: 5 }, NOW, failure);
    expect((await rowOf(id)).reason).toBe(written);
    const [letter] = await table.deadLetters(1);
    expect(letter).toEqual({
      ...{ id, name: 'verify', subject: (await rowOf(id)).subject, attempts: 3, failedAt: NOW },
      ...failure,
    });
  });

  it('lists what failed and waits, the most attempts first', async () => {
    const failed = { reason: 'upstream.temporary' } as const;
    const [one, two] = [await jobWith({ ...failed, attempts: 1 }), await jobWith({ ...failed, attempts: 2 })];
    await jobWith({ ...failed, attempts: 0 });
    await jobWith({ reason: null, attempts: 5 });
    await jobWith({ ...active, ...failed });
    const failing = await openQueueAdmin(store, clock).failing(10);
    expect(failing.map(({ id }) => id)).toEqual([two, one]);
    expect(failing[1]).toEqual({
      ...{ id: one, name: 'verify', subject: (await rowOf(one)).subject, attempts: 1 },
      ...{ reason: 'upstream.temporary', nextRunAt: NOW },
    });
    expect(await table.failing(1)).toHaveLength(1);
  });

  it.each(['waiting', 'active', 'done', 'dead'] as const)(
    'revives and drops dead ones only: %s',
    async (state) => {
      const desk = openQueueAdmin(store, clock);
      const columns = { ...active, state, finished_at: NOW - 1, published_at: NOW, reason: 'http.forbidden' };
      const [revived, dropped, other] = [
        await jobWith(columns),
        await jobWith(columns),
        await jobWith(columns),
      ];
      const isDead = state === 'dead';
      expect([await desk.retry(revived), await desk.drop(dropped)]).toEqual([isDead, isDead]);
      if (isDead) {
        expect(await rowOf(revived)).toMatchObject({
          ...waiting,
          ...{ run_at: NOW, attempts: 0, losses: 0, finished_at: null, reason: 'http.forbidden' },
        });
        expect(await rowOf(dropped)).toMatchObject({ ...released, state: 'done', finished_at: NOW });
      } else expect(await rowOf(revived)).toMatchObject(columns);
      expect(await rowOf(other)).toMatchObject(columns);
    },
  );

  it('forgets what is done for more than a week', async () => {
    const WEEK = 7 * DAY;
    const kept = [
      await jobWith({ state: 'done', finished_at: NOW - WEEK }),
      await jobWith({ state: 'dead', finished_at: NOW - WEEK - 1 }),
      await jobWith({ state: 'waiting', finished_at: NOW - WEEK - 1 }),
    ];
    const gone = await jobWith({ state: 'done', finished_at: NOW - WEEK - 1 });
    expect(await table.purge(NOW)).toBe(1);
    expect(await table.find(gone)).toBeUndefined();
    for (const id of kept) expect(await table.find(id)).toBeDefined();
    expect(await table.purge(NOW)).toBe(0);
  });
});

describe('what Redis is given', () => {
  const ids = async (...args: Parameters<JobTable['takeUnpublished']>) =>
    (await table.takeUnpublished(...args)).map(({ id }) => id);

  it('is taken once: those with a deadline apart, the earliest first, so many', async () => {
    const [second, first] = [await jobWith({ run_at: NOW + 5 }), await jobWith({ run_at: NOW + 4 })];
    const urgent = await jobWith({}, { name: 'fetch-result' });
    await jobWith({ published_at: NOW });
    await jobWith(active);
    expect(await ids('deadline', NOW, 9)).toEqual([urgent]);
    expect(await ids('other', NOW, 1)).toEqual([first]);
    expect(await ids('other', NOW, 9)).toEqual([second]);
    expect(await ids('other', NOW, 9)).toEqual([]);
    expect((await rowOf(first)).published_at).toBe(NOW);
  });

  it('is given again when Redis should have brought it long ago', async () => {
    const lost = await jobWith({ published_at: NOW - 30, run_at: NOW - 30 });
    await jobWith({ published_at: NOW - 29, run_at: NOW - 30 });
    await jobWith({ published_at: NOW - 30, run_at: NOW - 29 });
    await jobWith({ run_at: NOW - 99 });
    await jobWith({ ...active, published_at: NOW - 30, run_at: NOW - 30 });
    expect(await ids('other', NOW, 9, NOW - 30)).toEqual([lost]);
    expect((await rowOf(lost)).published_at).toBe(NOW);
    expect(await ids('other', NOW, 9, NOW - 30)).toEqual([]);
  });

  it('is nothing that somebody else wrote', async () => {
    const [forged, ours] = [await jobWith(), await jobWith()];
    await store.kysely.updateTable('jobs').set({ subject: 'x' }).where('id', '=', forged).execute();
    expect(await ids('other', NOW, 9)).toEqual([ours]);
  });

  it('is taken back when Redis refuses it, or is no longer used; what runs stays', async () => {
    const published = { published_at: NOW };
    const [one, two, running] = [
      await jobWith(published),
      await jobWith(published),
      await jobWith({ ...active, ...published }),
    ];
    const at = async () =>
      Promise.all([one, two, running].map(async (id) => (await rowOf(id)).published_at ?? 'not'));
    await table.unpublish([one, running]);
    expect(await at()).toEqual(['not', NOW, NOW]);
    await table.adopt();
    expect(await at()).toEqual(['not', 'not', NOW]);
  });
});
