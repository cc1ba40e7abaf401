import { CompiledQuery, type KyselyPlugin, type RootOperationNode } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobTable } from '../../../src/adapters/queue/job-table.ts';
import type { StoreContext } from '../../../src/adapters/store/context.ts';
import { openAuditLog } from '../../../src/adapters/store/evidence/audit-log.ts';
import { openStore, type Store } from '../../../src/adapters/store/open-store.ts';
import { openApplicationStore } from '../../../src/adapters/store/records/application-store.ts';
import { openFeeLedger } from '../../../src/adapters/store/records/fee-ledger.ts';
import { openVerificationStore } from '../../../src/adapters/store/records/verification-store.ts';
import type { ApplicationId, EpochMillis, TenantId, VerificationId } from '../../../src/core/brand.ts';
import { FakeClock } from '../../support/fakes.ts';
import { PLAIN_SEALER } from '../../support/staff-kit.ts';

const ID = '01a20169-2e00-7005-bc2b-a9691291a293';
const from = 1_750_000_000_000 as EpochMillis;
const until = 1_760_000_000_000 as EpochMillis;
const tenant = 'tenant-a' as TenantId;

let store: Store;
let context: StoreContext;
const asked: RootOperationNode[] = [];
const clock = new FakeClock();

beforeAll(async () => {
  store = await openStore({ dataDir: ':memory:', role: 'pf', sealer: PLAIN_SEALER, clock });
  const capture: KyselyPlugin = {
    transformQuery: ({ node }) => {
      asked.push(node);
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const db = store.kysely.withPlugin(capture);
  const connection = { db, engine: 'sqlite', schema: '' } as object as StoreContext['connection'];
  const { rows, heads } = store;
  const indexHash = async (text: string) => text;
  context = { connection, role: 'pf', sealer: PLAIN_SEALER, rows, heads, indexHash, clock };
});
afterAll(() => store.close());

/** How SQLite answers the last query: which index, and whether it has to sort. */
async function planOf(ask: () => Promise<unknown>): Promise<string> {
  asked.length = 0;
  await ask();
  const [node] = asked;
  if (node === undefined) throw new Error('nothing was asked');
  const executor = store.kysely.getExecutor();
  const { sql, parameters } = executor.compileQuery(node, { queryId: 'plan' });
  const plan = CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]);
  const { rows } = await store.kysely.executeQuery<{ detail: string }>(plan);
  return rows.map(({ detail }) => detail).join('; ');
}

/**
 * Whatever the filter, only rows that fit are looked at, newest first, without a sort: so a page costs the same at any
 * size.
 */
describe('the lists of the console', () => {
  const verifications = () => openVerificationStore(context);
  it.each([
    ['all', {}, /sqlite_autoindex_verifications_1|verifications_\w+/],
    ['a state', { states: ['received'] }, /verifications_state/],
    ['a result', { results: ['OK'] }, /verifications_result/],
    ['a tenant', { tenant }, /verifications_newest/],
    ['a tenant and a state', { tenant, states: ['received'] }, /verifications_tenant_state/],
    ['a tenant and a result', { tenant, results: ['OK'] }, /verifications_tenant_result/],
    ['a result and days', { results: ['OK'], from, until }, /verifications_result/],
    ['the next page', { results: ['OK'], after: ID as VerificationId }, /verifications_result/],
  ] as const)('verifications by %s', async (_what, query, index) => {
    const plan = await planOf(() => verifications().list({ ...query, limit: 51 }));
    expect(plan).toMatch(index);
    expect(plan).not.toMatch(/TEMP B-TREE/);
  });

  it('verifications by the id that the tenant gave', async () => {
    const plan = await planOf(() => verifications().list({ submissionKey: 'x', limit: 20 }));
    expect(plan).toMatch(/SEARCH verifications USING INDEX verifications_submission_key/);
  });

  it.each([
    ['all', {}, /sqlite_autoindex_applications_1/],
    ['a state', { states: ['decided'] }, /applications_state/],
    ['a tenant and a state', { tenant, states: ['decided'] }, /applications_tenant_state/],
    ['a page of a state', { states: ['decided'], after: ID as ApplicationId }, /applications_state/],
  ] as const)('applications by %s', async (_what, query, index) => {
    const plan = await planOf(() => openApplicationStore(context).list({ ...query, limit: 51 }));
    expect(plan).toMatch(index);
    expect(plan).not.toMatch(/TEMP B-TREE/);
  });

  it.each([
    ['all', {}, /audit_records_newest/],
    ['an event', { event: 'personal-data.shown' }, /audit_records_event/],
    ['a subject', { subject: ID }, /audit_records_subject/],
    [
      'a page of an event',
      { event: 'x.y', before: { at: 9, chain: 1, seq: 1 } as never },
      /audit_records_event/,
    ],
  ])('audit records by %s', async (_what, query, index) => {
    const plan = await planOf(() => openAuditLog(context).page({ ...query, limit: 101 }));
    expect(plan).toMatch(index);
    expect(plan).not.toMatch(/TEMP B-TREE/);
  });

  it('records that stand in an open state, by an index', async () => {
    const plans = [
      await planOf(() => verifications().standing('received', from, 100)),
      await planOf(() => openApplicationStore(context).standing('authorized', from, 100)),
    ];
    for (const plan of plans)
      expect(plan).toMatch(/SEARCH \w+ USING INDEX (verifications|applications)_(deadline|stuck|state)/);
  });

  it('fees by month from the index alone', async () => {
    const plan = await planOf(() => openFeeLedger(context).totals('2025-01', '2025-12'));
    expect(plan).toMatch(/SEARCH fee_ledger USING COVERING INDEX fee_ledger_totals/);
  });
});

/** What a worker asks again and again costs the same with a million jobs done. */
describe('the jobs', () => {
  const table = () => {
    const { db } = context.connection;
    return new JobTable({ kysely: db, amongProcesses: db, engine: 'sqlite', rows: store.rows });
  };
  it.each([
    ['the purge', () => table().purge(until), /jobs_done/],
    ['the dead letters', () => table().deadLetters(10), /jobs_dead/],
    ['the counts', () => table().counts(until), /jobs_waiting.*jobs_waiting.*jobs_active.*jobs_dead/],
  ])('%s by an index', async (_name, ask, index) => {
    const plan = await planOf(ask);
    expect(plan).toMatch(index);
    expect(plan).not.toMatch(/SCAN jobs(?! USING (?:COVERING )?INDEX)/);
  });
});
