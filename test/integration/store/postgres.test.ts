import { sql } from 'kysely';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { serverReachable, TEST_DATABASE_URL } from '../../support/servers.ts';
import { auditChainsBehaviour } from './audit-chains-behaviour.ts';
import { storeBehaviour } from './behaviour.ts';
import { postgresHarness } from './harness.ts';
import { processesBehaviour } from './processes-behaviour.ts';
import { application } from './records.ts';

const there = await serverReachable(TEST_DATABASE_URL, 'the PostgreSQL half of the store suite');
/** As migrator.ts has it. */
const LOCK = 0x6a69;
/** `lock_timeout` of every connection, and a second. */
const LONGER_THAN_A_LOCK = 11_000;

describe.skipIf(!there)('with a PostgreSQL server', () => {
  storeBehaviour('PostgreSQL', postgresHarness);
  auditChainsBehaviour('PostgreSQL', postgresHarness);
  processesBehaviour('PostgreSQL', postgresHarness);

  it('migrates after the migration of another, however long that takes', { timeout: 60_000 }, async () => {
    const harness = postgresHarness();
    const other = new pg.Client({ connectionString: TEST_DATABASE_URL });
    await other.connect();
    await other.query('begin');
    await other.query('select pg_advisory_xact_lock($1)', [LOCK]);
    const store = await harness.open({ migrations: 'skip' });
    let ended = false;
    const migrating = store.migrate().finally(() => {
      ended = true;
    });
    await new Promise((later) => setTimeout(later, LONGER_THAN_A_LOCK));
    expect(ended).toBe(false);
    await other.query('commit');
    expect((await migrating).length).toBeGreaterThan(10);
    await store.close();
    await other.end();
    await harness.end();
  });

  it('gives one statement of a migration as long as it takes, and any other half a minute', async () => {
    const harness = postgresHarness();
    const limit = async (migrations: 'skip' | 'migrate') => {
      const store = await harness.open({ migrations });
      const { rows } = await sql<{ statement_timeout: string }>`show statement_timeout`.execute(store.kysely);
      await store.close();
      return rows[0]?.statement_timeout;
    };
    expect([await limit('skip'), await limit('migrate')]).toEqual(['0', '30s']);
    await harness.end();
  });

  it('keeps hot statements at the server, and goes on when a migration beside it adds columns', async () => {
    const harness = postgresHarness();
    const store = await harness.open({ poolSize: 1 });
    const one = application('019de0a0-0000-7000-8000-00000000c057');
    await store.applications.insert(one, { audit: [] });
    for (let n = 0; n < 3; n += 1) expect((await store.applications.get(one.id))?.revision).toBe(1);
    const { rows } = await sql<{ statement: string }>`select statement from pg_prepared_statements
      where name like 'jitsuin%'`.execute(store.kysely);
    expect(rows.some(({ statement }) => /^select \* .*"applications"/.test(statement))).toBe(true);
    await sql`alter table applications add column of_a_newer_program text`.execute(store.kysely);
    expect((await store.applications.get(one.id))?.revision).toBe(1);
    const next = { ...one, revision: 2 };
    expect(await store.applications.update(next, { audit: [] })).toBe(true);
    // the head of seals is read within the transaction that opens the process's audit chain
    await sql`alter table audit_seal_head add column of_a_newer_program text`.execute(store.kysely);
    const audit = { event: 'application.received', subject: one.id, tenant: one.tenant, at: one.createdAt };
    await store.audit.append(audit as Parameters<typeof store.audit.append>[0]);
    expect((await store.audit.page({ limit: 5 })).length).toBe(1);
    await store.close();
    await harness.end();
  });
});
