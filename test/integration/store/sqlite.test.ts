import { join } from 'node:path';
import { sql } from 'kysely';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { auditChainsBehaviour } from './audit-chains-behaviour.ts';
import { storeBehaviour } from './behaviour.ts';
import { code } from './code.ts';
import { sqliteHarness } from './harness.ts';
import { processesBehaviour } from './processes-behaviour.ts';
import { application, applicationId, at, auditEvent, NOTHING } from './records.ts';

storeBehaviour('SQLite', sqliteHarness);
auditChainsBehaviour('SQLite', sqliteHarness);
processesBehaviour('SQLite', sqliteHarness);

describe('store on SQLite only', () => {
  it('commits durably, one writer at a time, with foreign keys', async () => {
    const harness = sqliteHarness();
    const store = await harness.open();
    const pragma = async (name: string) =>
      Object.values(
        (await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(store.kysely)).rows[0] ?? {},
      )[0];
    const settings = ['journal_mode', 'synchronous', 'busy_timeout', 'foreign_keys'].map(pragma);
    expect(await Promise.all(settings)).toEqual(['wal', 2, 5_000, 1]);
    await store.close();
    await harness.end();
  });

  it('waits for the disk at each commit, but for what only running processes care about', async () => {
    const harness = sqliteHarness();
    const store = await harness.open();
    const level = async ({ kysely }: { kysely: typeof store.kysely }) =>
      (await sql<{ synchronous: number }>`pragma synchronous`.execute(kysely)).rows[0]?.synchronous;
    const handles = [store.kysely, store.amongProcesses, store.kysely, store.amongProcesses, store.kysely];
    const levels = await Promise.all(handles.map((kysely) => level({ kysely })));
    expect(levels).toEqual([2, 1, 2, 1, 2]);
    const refused = store.amongProcesses.transaction().execute(async () => {
      throw new Error('rolled back');
    });
    await expect(refused).rejects.toThrow('rolled back');
    expect(await level(store)).toBe(2);
    await store.close();
    await harness.end();
  });

  it('goes on with fresh data after the file was locked for longer than it waits', async () => {
    const harness = sqliteHarness();
    const store = await harness.open();
    const until = async (name: string) =>
      (await store.kysely.selectFrom('leases').selectAll().where('name', '=', name).execute())[0]
        ?.owned_until;
    const acquire = (name: string) => store.leases.acquire(name, 'me', at(1), at(2));
    await acquire('held');
    const another = new Database(join(harness.folder, `${store.role}.sqlite3`));
    const writeThere = () => another.exec('update leases set owned_until = owned_until + 1');
    another.exec('begin immediate');
    writeThere();
    await expect(acquire('meanwhile')).rejects.toEqual(code('store.unavailable'));
    another.exec('commit');
    writeThere();
    expect(await until('held')).toBe(4);
    expect(await acquire('afterwards')).toBe(true);
    await store.applications.insert(application('afterwards'), NOTHING);
    another.close();
    await store.close();
    await harness.end();
  });

  it('is one connection however often a process opens the file, and closes with the last user', async () => {
    const harness = sqliteHarness();
    const [api, worker] = [await harness.open(), await harness.open()];
    const both = [api, worker].flatMap((store, who) =>
      Array.from({ length: 20 }, (_, n) =>
        store.applications.insert(application(`${who}-${n}`), { audit: [auditEvent('x')] }),
      ),
    );
    await Promise.all(both);
    await api.close();
    await api.close();
    expect(await worker.audit.verify()).toMatchObject({ records: 40 });
    await worker.close();
    await expect(worker.ping()).rejects.toEqual(code('store.unavailable'));
    const again = await harness.open();
    expect((await again.applications.get(applicationId('1-19')))?.revision).toBe(1);
    await again.close();
    await harness.end();
  });

  it('says that the disk is full, keeps nothing half, and goes on once there is room', async () => {
    const harness = sqliteHarness();
    const store = await harness.open();
    const pages =
      (await sql<{ page_count: number }>`pragma page_count`.execute(store.kysely)).rows[0]?.page_count ?? 0;
    await sql`pragma max_page_count = ${sql.lit(pages + 4)}`.execute(store.kysely);
    const large = { document: new Uint8Array(100_000).fill(7), prepared: '{}' };
    const effects = {
      jobs: [{ name: 'sweep', subject: '', key: 'full' }],
      audit: [auditEvent('application.received')],
    } as const;
    await expect(
      store.applications.insert(application('large', { secrets: large }), effects),
    ).rejects.toEqual(code('store.full'));
    expect(await store.applications.get(applicationId('large'))).toBeUndefined();
    expect(await store.kysely.selectFrom('jobs').selectAll().execute()).toEqual([]);
    expect(await store.audit.verify()).toMatchObject({ records: 0 });
    await sql`pragma max_page_count = 1073741823`.execute(store.kysely);
    await store.applications.insert(application('large', { secrets: large }), effects);
    expect(await store.audit.verify()).toMatchObject({ records: 1 });
    await store.close();
    await harness.end();
  });

  it('is gone on close when it is in memory', async () => {
    const harness = sqliteHarness();
    const store = await harness.open({ dataDir: ':memory:' });
    await store.applications.insert(application('short'), NOTHING);
    expect((await store.applications.get(applicationId('short')))?.state).toBe('received');
    await store.close();
    const next = await harness.open({ dataDir: ':memory:' });
    expect(await next.applications.get(applicationId('short'))).toBeUndefined();
    await next.close();
    await harness.end();
  });
});
