import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditHash, chainGenesis } from '../../../src/adapters/store/evidence/audit-chain.ts';
import type { Store } from '../../../src/adapters/store/open-store.ts';
import {
  MAC_TABLES,
  type MacTableName,
  UNMACED_TABLES,
} from '../../../src/adapters/store/rows/mac-tables.ts';
import { code } from './code.ts';
import { fillEveryTable, type RawRow, READERS } from './every-table.ts';
import type { StoreHarness } from './harness.ts';
import { applicationId, at, auditEvent, TENANT, verificationId } from './records.ts';

const OURS = Object.keys(READERS) as (keyof typeof READERS)[];
const REFUSED = ['seal.integrity', 'audit.broken'];

/** Who can write the database is not thereby anybody else: every clear column of every table, by SQL. */
export function tamperBehaviour(name: string, makeHarness: () => StoreHarness): void {
  describe(`a writer of the database, ${name}`, () => {
    const harness = makeHarness();
    let store: Store;
    const saved = new Map<string, readonly RawRow[]>();
    const honest = new Map<string, readonly unknown[]>();

    beforeAll(async () => {
      store = await harness.open();
      await fillEveryTable(store);
      await dropTriggers(store);
      for (const table of OURS) {
        saved.set(table, await rowsOf(store, table));
        honest.set(table, await READERS[table](store, await rowsOf(store, table)));
        await restore(table);
      }
    });
    afterAll(async () => {
      await store.close();
      await harness.end();
    });

    async function restore(table: string): Promise<void> {
      if (table === 'table_heads' || !saved.has(table)) return;
      await putBack(store, table, saved.get(table) ?? []);
    }

    /**
     * `refused`, `absent` (fewer rows, none of them other than before), or what is believed of what was never written.
     */
    async function judged(table: keyof typeof READERS, by: Store = store): Promise<unknown> {
      try {
        const found = await READERS[table](by, await rowsOf(by, table));
        const known = (honest.get(table) ?? []).map((one) => JSON.stringify(one));
        const strange = found.filter((one) => !known.includes(JSON.stringify(one)));
        return strange.length === 0 ? (found.length === known.length ? 'unseen' : 'absent') : strange;
      } catch (thrown) {
        const found = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown);
        return REFUSED.includes(found) ? 'refused' : found;
      } finally {
        await restore(table);
      }
    }

    it('knows every table of the schema, each with its protection, and filled each with two rows', async () => {
      const all = await tablesOf(store);
      expect([...Object.keys(MAC_TABLES), ...Object.keys(UNMACED_TABLES)].sort()).toEqual(all);
      for (const table of OURS)
        if (!table.endsWith('_head') && table !== 'audit_first_log')
          expect(saved.get(table)?.length, table).toBeGreaterThanOrEqual(2);
      const empty: string[] = [];
      for (const [table, rows] of saved)
        for (const column of clearColumns(table as MacTableName, rows[0] ?? {}))
          if (rows.every((row) => row[column] === null)) empty.push(`${table}.${column}`);
      // a column that no row fills was never tried
      expect(empty).toEqual(['verifications.deleted_at', 'login_attempts.failure']);
    });

    it.each(OURS)(
      '%s: a changed clear column, and one swapped with another row, is never believed',
      async (table) => {
        const rows = saved.get(table) ?? [];
        const { key, head } = MAC_TABLES[table];
        for (const column of clearColumns(table, rows[0] ?? {})) {
          for (const value of [otherValue(rows[0]?.[column], column), rows[1]?.[column]]) {
            if (value === undefined || String(value) === String(rows[0]?.[column])) continue;
            const changed = rows.map((row, n) => (n === 0 ? { ...row, [column]: value } : row));
            const swapped = changed.map((row, n) =>
              n === 1 ? { ...row, [column]: rows[0]?.[column] } : row,
            );
            await putBack(store, table, value === rows[1]?.[column] ? swapped : changed);
            const outcome = await judged(table);
            // under another key or owner the row is not found: as if it were deleted, which no MAC of one row can show
            const may =
              key.includes(column) || isSearched(table, column) ? ['refused', 'absent'] : ['refused'];
            expect(head === undefined ? may : ['refused'], `${table}.${column}`).toContain(outcome);
          }
        }
      },
    );

    it.each(OURS)('%s: a row that somebody adds is never believed', async (table) => {
      const rows = saved.get(table) ?? [];
      const [key = ''] = MAC_TABLES[table].key;
      const added = { ...rows[0], [key]: otherValue(rows[0]?.[key], key) };
      const forUnique = {
        credential_hash: 'x',
        url: 'x',
        state_hash: 'x',
        submission_key: 'x',
        key_hash: 'x',
        job_key: 'x',
      };
      for (const [column, value] of Object.entries(forUnique))
        if (column in added) Object.assign(added, { [column]: value });
      if (table.endsWith('_head') || table === 'audit_first_log') return;
      if ('last_seq' in added) Object.assign(added, { last_seq: 99 });
      if (key === 'seq' && 'id' in added) Object.assign(added, { id: 'x' });
      await putBack(store, table, [...rows, added]);
      expect(['refused', 'unseen', 'absent'], table).toContain(await judged(table));
    });

    it.each(OURS.filter((table) => MAC_TABLES[table].head !== undefined))(
      '%s: a row added as it is, left out, or put back as it was is refused',
      async (table) => {
        const rows = saved.get(table) ?? [];
        await putBack(store, table, rows.slice(1));
        expect(await judged(table), 'left out').toBe('refused');
        await putBack(store, table, []);
        expect(await judged(table), 'all left out').toBe('refused');
        const old = await rowsOf(store, table);
        const oldHeads = await rowsOf(store, 'table_heads');
        await CHANGES[table]?.(store);
        const now = await rowsOf(store, table);
        for (const one of OURS.filter((other) => MAC_TABLES[other].head !== undefined)) {
          saved.set(one, await rowsOf(store, one));
          honest.set(one, await READERS[one](store, await rowsOf(store, one)));
        }
        expect(now).not.toEqual(old);
        await putBack(store, table, old);
        expect(await judged(table), 'old rows').toBe('refused');
        // rows and head together: this process has seen the newer one
        const heads = await rowsOf(store, 'table_heads');
        await putBack(store, 'table_heads', oldHeads);
        await putBack(store, table, old);
        expect(await judged(table), 'old rows with their head').toBe('refused');
        await putBack(store, 'table_heads', heads);
        expect(await judged(table)).toBe('unseen');
      },
    );

    it('a head that is changed, taken away or another one’s is refused', async () => {
      const heads = await rowsOf(store, 'table_heads');
      for (const column of ['version', 'digest'])
        for (const from of heads) {
          const changed = heads.map((row) =>
            row === from ? { ...row, [column]: otherValue(row[column], column) } : row,
          );
          await putBack(store, 'table_heads', changed);
          expect(await judged(tableOf(from)), `${String(from['name'])} ${column}`).toBe('refused');
        }
      for (const from of heads) {
        await putBack(
          store,
          'table_heads',
          heads.filter((row) => row !== from),
        );
        expect(await judged(tableOf(from)), String(from['name'])).toBe('refused');
      }
      await putBack(store, 'table_heads', heads);
    });

    it('a mark that is changed or taken away: the store does not open, and its rows are not given MACs again', async () => {
      const marks = await rowsOf(store, 'store_marks');
      await putBack(store, 'store_marks', [{ ...marks[0], value: '2' }]);
      await expect(harness.open()).rejects.toEqual(code('seal.integrity'));
      await putBack(store, 'store_marks', []);
      await expect(harness.open()).rejects.toEqual(code('seal.integrity'));
      await sql`update operators set mac = null, role = 'administrator'`.execute(store.kysely);
      await expect(store.migrate()).rejects.toEqual(code('seal.integrity'));
      await putBack(store, 'store_marks', marks);
      expect(await judged('operators')).toBe('refused');
      await restore('operators');
    });

    it('what the MAC leaves out of a job or a lease changes when it runs, never what', async () => {
      const [job, ...others] = saved.get('jobs') ?? [];
      for (const column of MAC_TABLES.jobs.free ?? []) {
        const value = column === 'state' ? 'dead' : otherValue(job?.[column] ?? 1, column);
        await putBack(store, 'jobs', [{ ...job, [column]: value }, ...others]);
        expect(['unseen', 'absent'], column).toContain(await judged('jobs'));
      }
      const [lease, ...more] = saved.get('leases') ?? [];
      for (const column of MAC_TABLES.leases.free ?? []) {
        await putBack(store, 'leases', [
          { ...lease, [column]: otherValue(lease?.[column], column) },
          ...more,
        ]);
        expect(await judged('leases'), column).toBe('unseen');
      }
    });

    it('an audit log that is rewritten with right hashes, cut, or gone on with is broken, and nothing is written to it', async () => {
      const { audit } = store;
      const { head: noted } = await audit.verify();
      const tables = ['audit_records', 'audit_chains', 'audit_seals', 'audit_seal_head'] as const;
      const log = async () =>
        new Map(await Promise.all(tables.map(async (table) => [table, await rowsOf(store, table)] as const)));
      const now = await log();
      const of = (from: typeof now, table: (typeof tables)[number]) => from.get(table) ?? [];
      const back = async (from: typeof now, ...which: (typeof tables)[number][]) => {
        for (const table of which.length === 0 ? tables : which) await putBack(store, table, of(from, table));
      };
      const broken = async () => (await audit.verify()).brokenAt !== undefined;
      const ours = Number(of(now, 'audit_chains').find((row) => row['closed_at'] === null)?.['id']);
      const { opened_at } = of(now, 'audit_chains').find((row) => row['id'] === ours) as {
        opened_at: number;
      };
      // every hash of our chain made anew
      let previous_hash = chainGenesis({ id: ours, opened_at });
      const forged = [...of(now, 'audit_records')]
        .sort((a, b) => Number(a['seq']) - Number(b['seq']))
        .map((record) => {
          if (record['chain'] !== ours) return record;
          const open = { ...record, subject: `forged ${record['subject']}`, previous_hash };
          previous_hash = auditHash(open as unknown as Parameters<typeof auditHash>[0]);
          return { ...open, hash: previous_hash };
        });
      await putBack(store, 'audit_records', forged);
      await putBack(
        store,
        'audit_chains',
        of(now, 'audit_chains').map((row) => (row['id'] === ours ? { ...row, hash: previous_hash } : row)),
      );
      expect(await broken()).toBe(true);
      await expect(audit.append(auditEvent('more'))).rejects.toEqual(code('seal.integrity'));
      await back(now);
      // its true earlier end with the records of then: before a seal, this process alone can tell (went-back.test.ts);
      // after it everybody
      await audit.append(auditEvent('later'));
      harness.clock.millis += 60_000;
      expect(await audit.seal()).toBe(true);
      const sealed = await log();
      await back(now, 'audit_records', 'audit_chains');
      expect(await broken()).toBe(true);
      harness.clock.millis += 60_000;
      await expect(audit.seal()).rejects.toEqual(code('audit.broken'));
      await back(sealed);
      // a chain, its records and its place in the seals left out; a seal left out; the newest left out
      for (const chain of of(now, 'audit_chains').map((row) => Number(row['id']))) {
        const without = (table: (typeof tables)[number], column: string) =>
          putBack(
            store,
            table,
            of(sealed, table).filter((row) => row[column] !== chain),
          );
        await without('audit_chains', 'id');
        expect(await broken(), `chain ${chain}`).toBe(true);
        await without('audit_records', 'chain');
        expect(await broken(), `chain ${chain} with its records`).toBe(true);
        await back(sealed);
      }
      for (const { seq } of of(sealed, 'audit_seals') as readonly { seq: number }[]) {
        await putBack(
          store,
          'audit_seals',
          of(sealed, 'audit_seals').filter((row) => row['seq'] !== seq),
        );
        expect(await broken(), `seal ${seq}`).toBe(true);
      }
      await back(sealed);
      expect(await broken()).toBe(false);
      expect((await audit.verify(noted)).brokenAt).toBeUndefined();
      const { head } = await audit.verify();
      // the whole log as it once was, its true head with it: only a head noted elsewhere tells
      await back(now);
      expect(await broken()).toBe(false);
      expect((await audit.verify(head)).brokenAt).toBeDefined();
      await back(sealed);
    });

    it('evidence opens only under its own id and tenant; of a document its own tenant is never asked', async () => {
      const { kysely, applications, verifications, evidence } = store;
      await sql`update evidence set tenant = 'other'`.execute(kysely);
      await expect(evidence.get('e-1')).rejects.toEqual(code('seal.integrity'));
      await sql`update evidence set tenant = ${TENANT}`.execute(kysely);
      const read = async () => [
        await applications.get(applicationId('full')),
        await verifications.get(verificationId('full')),
      ];
      const before = await read();
      for (const table of ['application_documents', 'verification_documents'])
        await sql`update ${sql.table(table)} set tenant = 'other'`.execute(kysely);
      expect(await read()).toEqual(before);
      const swapped = sql`(select d.sealed_document from application_documents d where d.id = 'plain')`;
      await sql`update application_documents set sealed_document = ${swapped} where id = 'full'`.execute(
        kysely,
      );
      await expect(read()).rejects.toEqual(code('seal.integrity'));
    });

    it('a sweep leaves out what is not ours, and goes on with the others', async () => {
      const rows = saved.get('applications') ?? [];
      await putBack(
        store,
        'applications',
        rows.map((row) => (row['id'] === 'plain' ? { ...row, state: 'opened' } : row)),
      );
      const due = await store.applications.due(at(9e15), 10);
      expect(due.map(({ id }) => id)).toEqual(['full']);
      await restore('applications');
    });
  });
}

/** One true change of each headed table. */
const CHANGES: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  operators: ({ operators }) => operators.disable('op-2', at(9), auditEvent('x')),
  operator_invitations: ({ operators }) =>
    operators.invite(
      {
        id: 'op-1',
        name: '',
        role: 'viewer',
        state: 'invited',
        handle: Buffer.from(''),
        createdAt: at(1),
        updatedAt: at(1),
      },
      { secretHash: 'another', operatorId: 'op-1', expiresAt: at(100) },
      auditEvent('x'),
    ),
  operator_passkeys: async ({ operators }) => {
    const passkey = await operators.findPasskey('key-op-1');
    const session = {
      idHash: 'another',
      operatorId: 'op-1',
      csrf: 'c',
      createdAt: at(3),
      seenAt: at(3),
      expiresAt: at(99),
    };
    if (passkey === undefined) throw new Error('no passkey');
    return operators.login({ ...passkey, counter: 4 }, 3, session, auditEvent('x'));
  },
  operator_sessions: ({ operators }) => operators.touchSession('session-op-1', at(4)),
  approvals: ({ approvals }) =>
    approvals.insert(
      {
        ...{ id: 'a-9', kind: 'tenant.put', subject: 's', payload: '{}', state: 'pending' },
        ...{ requestedBy: 'op-1', requestedAt: at(4), expiresAt: at(500) },
      },
      auditEvent('x'),
    ),
  citizen_passkeys: ({ passkeys }) => passkeys.suspend('p1'),
  webhook_endpoints: async ({ webhooks }) => {
    const endpoint = await webhooks.getEndpoint('endpoint-1', TENANT);
    if (endpoint === undefined) throw new Error('no endpoint');
    return webhooks.updateEndpoint({ ...endpoint, revision: 2, state: 'disabled' }, auditEvent('x'));
  },
};

/** Columns that the reader of this test looks a row up by; a job that is not ours is dead, and nothing else. */
function isSearched(table: MacTableName, column: string): boolean {
  const searched: Partial<Record<MacTableName, readonly string[]>> = {
    consents: ['tenant'],
    fee_ledger: ['tenant', 'month'],
    evidence_token_revocation: ['period'],
    jobs: ['name', 'version', 'subject', 'job_key', 'created_at', 'endpoint', 'tenant'],
  };
  return searched[table]?.includes(column) ?? false;
}

function clearColumns(table: MacTableName, row: RawRow): readonly string[] {
  const { free = [] } = MAC_TABLES[table];
  return Object.keys(row).filter(
    (name) => name !== 'mac' && !name.startsWith('sealed_') && !free.includes(name),
  );
}

function otherValue(value: unknown, column: string): unknown {
  if (value instanceof Uint8Array) return Uint8Array.from([...value.subarray(1), 7, 7]);
  if (typeof value === 'number') return value + 1_000;
  if (value === null || value === undefined) return undefined;
  if (
    ['items', 'report', 'signed_element', 'verdict', 'failure', 'events', 'files', 'algorithms'].includes(
      column,
    )
  )
    return '["x"]';
  return `${String(value)}x`;
}

function tableOf(head: RawRow): keyof typeof READERS {
  const name = String(head['name']).split(' ')[0] ?? '';
  const table = OURS.find((one) => one === name);
  if (table === undefined) throw new Error(name);
  return table;
}

async function rowsOf(store: Store, table: string): Promise<readonly RawRow[]> {
  const { rows } = await sql<RawRow>`select * from ${sql.table(table)} order by 1`.execute(store.kysely);
  return rows;
}

/** As who can write the database would: whatever was there, now these rows are. */
async function putBack(store: Store, table: string, rows: readonly RawRow[]): Promise<void> {
  const sqlite = store.engine === 'sqlite';
  const relaxed = sqlite ? sql`pragma foreign_keys = off` : sql`set session_replication_role = replica`;
  const strict = sqlite ? sql`pragma foreign_keys = on` : sql`set session_replication_role = origin`;
  await store.kysely.connection().execute(async (one) => {
    await relaxed.execute(one);
    await sql`begin`.execute(one);
    await sql`delete from ${sql.table(table)}`.execute(one);
    for (const row of rows) {
      const columns = sql.join(Object.keys(row).map((name) => sql.ref(name)));
      const values = sql.join(Object.values(row));
      await sql`insert into ${sql.table(table)} (${columns}) values (${values})`.execute(one);
    }
    await sql`commit`.execute(one);
    await strict.execute(one);
  });
}

async function dropTriggers({ kysely, engine }: Store): Promise<void> {
  if (engine === 'sqlite') {
    const { rows } = await sql<{
      name: string;
    }>`select name from sqlite_master where type = 'trigger'`.execute(kysely);
    for (const { name } of rows) await sql`drop trigger ${sql.ref(name)}`.execute(kysely);
    return;
  }
  const { rows } = await sql<{
    name: string;
    on: string;
  }>`select trigger_name as name, event_object_table as on
    from information_schema.triggers where trigger_schema = current_schema()`.execute(kysely);
  for (const { name, on } of rows)
    await sql`drop trigger if exists ${sql.ref(name)} on ${sql.table(on)}`.execute(kysely);
}

async function tablesOf({ kysely, engine }: Store): Promise<readonly string[]> {
  const { rows } =
    engine === 'sqlite'
      ? await sql<{
          name: string;
        }>`select name from sqlite_master where type = 'table' and name not like 'sqlite_%'`.execute(kysely)
      : await sql<{ name: string }>`select table_name as name from information_schema.tables
          where table_schema = current_schema()`.execute(kysely);
  return rows
    .map(({ name }) => name)
    .filter((name) => name !== 'kysely_migration')
    .sort();
}
