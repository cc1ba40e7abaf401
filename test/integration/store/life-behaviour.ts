import { sql } from 'kysely';
import { expect, it } from 'vitest';
import type { Store } from '../../../src/adapters/store/open-store.ts';
import { code } from './code.ts';
import type { StoreHarness } from './harness.ts';
import { auditEvent, FULL_APPLICATION, NOTHING, TENANT } from './records.ts';

export function lifeBehaviour(store: () => Store, harness: StoreHarness): void {
  it('names the first broken record of a chain that was changed, cut in the middle or at its end', async () => {
    const own = harness.fresh();
    const broken = await own.open();
    for (let n = 1; n <= 6; n += 1) await broken.audit.append(auditEvent(`event-${n}`));
    await dropAuditGuards(broken);
    const { kysely, audit } = broken;
    expect(await audit.verify()).toMatchObject({ records: 6 });
    await kysely.updateTable('audit_records').set({ tenant: 'somebody else' }).where('seq', '=', 4).execute();
    expect((await audit.verify()).brokenAt).toBe(4);
    await kysely.updateTable('audit_records').set({ tenant: TENANT }).where('seq', '=', 4).execute();
    expect((await audit.verify()).brokenAt).toBeUndefined();
    const [last] = await kysely.selectFrom('audit_records').selectAll().where('seq', '=', 6).execute();
    await kysely.deleteFrom('audit_records').where('seq', '=', 6).execute();
    expect((await audit.verify()).brokenAt).toBe(6);
    if (last !== undefined) await kysely.insertInto('audit_records').values(last).execute();
    await kysely.deleteFrom('audit_records').where('seq', '=', 2).execute();
    expect((await audit.verify()).brokenAt).toBe(2);
    await broken.close();
    await own.end();
  });

  it('keeps everything over a restart, and a migration that ran does not run again', async () => {
    expect(await store().migrate()).toEqual([]);
    const own = harness.fresh();
    const first = await own.open({ migrations: 'skip' });
    const ran = await first.migrate();
    expect(ran).toContain('0001-records');
    await first.applications.insert(FULL_APPLICATION, NOTHING);
    await first.close();
    const second = await own.open({ migrations: 'require' });
    expect(await second.applications.get(FULL_APPLICATION.id)).toEqual(FULL_APPLICATION);
    await second.close();
    await own.end();
  });

  it('refuses a schema that is behind, and migrates once however many start at once', async () => {
    const own = harness.fresh();
    await expect(own.open({ migrations: 'require' })).rejects.toEqual(code('store.migration'));
    const starters = await Promise.all([own.open(), own.open(), own.open()]);
    for (const [n, starter] of starters.entries()) {
      await starter.audit.append(auditEvent(`starter-${n}`));
      expect((await starter.audit.verify()).records).toBe(n + 1);
    }
    for (const starter of starters) await starter.close();
    await own.end();
  });
}

async function dropAuditGuards({ engine, kysely }: Store): Promise<void> {
  if (engine === 'postgres')
    await sql`drop trigger audit_records_append_only on audit_records`.execute(kysely);
  else
    for (const act of ['update', 'delete'])
      await sql`drop trigger ${sql.raw(`audit_records_no_${act}`)}`.execute(kysely);
}
