import pg from 'pg';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { countTrips } from '../../support/counted-postgres.ts';
import { serverReachable, TEST_DATABASE_URL } from '../../support/servers.ts';
import { postgresHarness } from './harness.ts';
import { application, applicationId, at, auditEvent, verification } from './records.ts';

const there = await serverReachable(TEST_DATABASE_URL, 'how often a change goes to PostgreSQL and back');
const AUDITED = { audit: [auditEvent('cost.changed')] };

/** What is sent and not waited for: one way there and back, and all or nothing. */
describe.skipIf(!there)('a change on PostgreSQL', () => {
  const trips = countTrips(pg.Client);
  const harness = postgresHarness();
  afterEach(() => void trips.failAt(undefined));
  afterAll(async () => {
    trips.stop();
    await harness.end();
  });

  async function warm(id: string) {
    const store = await harness.open();
    await store.applications.insert(application(id), AUDITED);
    for (const revision of [2, 3]) await store.applications.update(application(id, { revision }), AUDITED);
    return store;
  }

  it('with its job and audit record goes there once', async () => {
    const id = 'once';
    const store = await warm(id);
    const job = { name: 'fetch-result', subject: id, key: 'one-way' } as const;
    trips.count = 0;
    expect(
      await store.applications.update(application(id, { revision: 4 }), { ...AUDITED, jobs: [job] }),
    ).toBe(true);
    expect(trips.count).toBe(2); // the job's statement was never sent before: its answer is waited for
    trips.count = 0;
    const next = { ...AUDITED, jobs: [{ ...job, key: 'one-way-2' }] };
    expect(await store.applications.update(application(id, { revision: 5 }), next)).toBe(true);
    expect(trips.count).toBe(1);
    await store.close();
  });

  it('that lost its race leaves nothing, and the next one is made', async () => {
    const id = 'lost';
    const store = await warm(id);
    const count = async () =>
      (
        await store.kysely
          .selectFrom('audit_records')
          .select('seq')
          .where('event', '=', 'cost.lost')
          .execute()
      ).length;
    const lost = { audit: [auditEvent('cost.lost')] };
    expect(await store.applications.update(application(id, { revision: 3 }), lost)).toBe(false);
    expect(await count()).toBe(0);
    const both = await Promise.all([
      store.applications.update(application(id, { revision: 3 }), lost),
      store.applications.update(application(id, { revision: 4 }), lost),
    ]);
    expect(both).toEqual([false, true]);
    expect(await count()).toBe(1);
    await store.close();
  });

  it('whose later statement is refused leaves nothing, and tells why', async () => {
    const store = await warm('refused');
    const [first, second] = [verification('one-way-a'), verification('one-way-b')];
    await store.verifications.insert(first, AUDITED);
    await store.verifications.insert(second, AUDITED);
    const evidence = [{ id: 'one-way', tenant: first.tenant, octets: new Uint8Array([1]) }];
    const decided = (record: typeof first) =>
      store.verifications.update({ ...record, revision: 2, state: 'decided' }, { ...AUDITED, evidence });
    expect(await decided(first)).toBe(true);
    await expect(decided(second)).rejects.toMatchObject({ code: 'store.conflict' });
    expect((await store.verifications.get(second.id))?.revision).toBe(1);
    await store.close();
  });

  it('is not told to be made when the connection breaks under it, and is there or not', async () => {
    const id = 'broken';
    const store = await warm(id);
    trips.failAt('commit');
    const next = application(id, { revision: 4, updatedAt: at(77) });
    await expect(store.applications.update(next, AUDITED)).rejects.toMatchObject({
      code: 'store.unavailable',
    });
    trips.failAt(undefined);
    const read = await store.applications.get(applicationId(id));
    expect([3, 4]).toContain(read?.revision);
    const more = application(id, { revision: (read?.revision ?? 0) + 1 });
    expect(await store.applications.update(more, AUDITED)).toBe(true);
    await store.close();
  });
});
