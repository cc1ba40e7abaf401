import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { Store } from '../../../src/adapters/store/open-store.ts';
import { MAC_TABLES } from '../../../src/adapters/store/rows/mac-tables.ts';
import { ROW_MACS } from '../../../src/adapters/store/schema/migrations.ts';
import { CLOSED } from '../../../src/cli/storage-arguments.ts';
import { code } from './code.ts';
import { fillEveryTable } from './every-table.ts';
import type { StoreHarness } from './harness.ts';
import { makeOldAuditLog } from './old-audit-log.ts';
import { applicationId, FULL_APPLICATION, TENANT } from './records.ts';

/** What a store of before rows had MACs becomes. */
export function introduceBehaviour(name: string, makeHarness: () => StoreHarness): void {
  describe(`a store of before rows had MACs, ${name}`, () => {
    it('is read, gets its MACs with the migration and the key, and is never taken for an old one again', async () => {
      const harness = makeHarness();
      await makeOldStore(harness);
      const store = await harness.open();
      expect(await store.applications.get(applicationId('full'))).toEqual(FULL_APPLICATION);
      expect((await store.operators.list()).map(({ id }) => id)).toEqual(['op-1', 'op-2']);
      expect(await store.passkeys.find('RP1', 'credential 1')).toBeDefined();
      expect((await store.archive.verify()).brokenAt).toBeUndefined();
      for (const table of Object.keys(MAC_TABLES)) {
        const bare = await sql`select 1 from ${sql.table(table)} where mac is null limit 1`.execute(
          store.kysely,
        );
        expect(bare.rows.length, table).toBe(0);
      }
      const refused = { code: 'seal.integrity' };
      await sql`update operators set mac = null where id = 'op-1'`.execute(store.kysely);
      await expect(store.operators.list()).rejects.toMatchObject(refused);
      await expect(store.migrate()).resolves.toEqual([]);
      await expect(store.operators.list()).rejects.toMatchObject(refused);
      await store.close();
      await harness.end();
    });

    it('whose schema was brought up without the key waits for "jitsuin migrate" with it', async () => {
      const harness = makeHarness();
      await makeOldStore(harness);
      const closed = await harness.open({ sealer: CLOSED });
      await closed.close();
      await expect(harness.open()).rejects.toEqual(code('store.migration'));
      const migrating = await harness.open({ migrations: 'skip' });
      expect(await migrating.migrate()).toEqual([]);
      await migrating.close();
      const store = await harness.open();
      expect((await store.operators.list()).length).toBe(2);
      await store.close();
      await harness.end();
    });

    it('the hash of a certificate is keyed: who knows the certificate cannot find it, and the citizen keeps the id', async () => {
      const harness = makeHarness();
      const store = await harness.open();
      await store.subjects.idFor(TENANT, Buffer.from('certificate'), 'id-1');
      const before = await store.kysely.selectFrom('subjects').selectAll().executeTakeFirstOrThrow();
      const plain = createHash('sha256').update(`${TENANT}\0certificate`).digest('hex');
      expect(before.certificate_hash).not.toContain(plain);
      await store.close();
      const again = await harness.open();
      expect(await again.subjects.idFor(TENANT, Buffer.from('certificate'), 'id-2')).toBe('id-1');
      await again.close();
      const other = makeHarness();
      const elsewhere = await other.open();
      await elsewhere.subjects.idFor(TENANT, Buffer.from('certificate'), 'id-1');
      const there = await elsewhere.kysely.selectFrom('subjects').selectAll().executeTakeFirstOrThrow();
      expect(there.certificate_hash).not.toBe(before.certificate_hash);
      await elsewhere.close();
      await harness.end();
      await other.end();
    });
  });
}

/** A filled store with all that this migration brought taken away again. */
async function makeOldStore(harness: StoreHarness): Promise<void> {
  const store = await harness.open();
  await fillEveryTable(store);
  await makeOldAuditLog(store);
  await undo(store);
  Object.assign(store.changes, { macs: undefined });
  await store.close();
}

async function undo({ kysely, engine }: Store): Promise<void> {
  for (const table of [...Object.keys(MAC_TABLES), 'audit_head']) {
    // made by a later migration, and gone with it
    if (table === 'table_heads' || table === 'status_checks' || /^audit_(?!head)/.test(table)) continue;
    await sql`alter table ${sql.table(table)} drop column mac`.execute(kysely);
  }
  await sql`drop table table_heads`.execute(kysely);
  await sql`drop table index_keys`.execute(kysely);
  await sql`delete from store_marks`.execute(kysely);
  await sql`delete from kysely_migration where name >= ${ROW_MACS}`.execute(kysely);
  const tables = ['evidence_chain', 'evidence_tokens', 'evidence_token_revocation', 'evidence_trees'];
  for (const table of [...tables, 'evidence_tree_leaves', 'fee_ledger']) {
    const on = sql.raw(table);
    const trigger = (end: string) => sql.raw(`${table}_${end}`);
    if (engine === 'sqlite') {
      await sql`drop trigger ${trigger('no_update')}`.execute(kysely);
      await sql`create trigger ${trigger('no_update')} before update on ${on}
        begin select raise(abort, 'append-only'); end`.execute(kysely);
    } else {
      await sql`drop trigger ${trigger('no_update')} on ${on}`.execute(kysely);
    }
  }
}
