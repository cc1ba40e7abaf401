import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAC_TABLES, type MacTableName } from '../../../src/adapters/store/rows/mac-tables.ts';
import type { VerificationId } from '../../../src/core/brand.ts';
import { verify } from '../../../src/pf/judge-verification.ts';
import { sweep } from '../../../src/pf/sweep.ts';
import { type OpenedPf, openPf } from '../../../src/roles/pf/wiring.ts';
import { type PfWorld, startPfWorld, submissionOf } from '../../support/pf-world.ts';

/**
 * Who can write the database of a running platform operator: every clear column of every table that has a row, by SQL,
 * seen from outside: what the API answers is what it answered before, a refusal, or less. Never anything else.
 */
type RawRow = Readonly<Record<string, unknown>>;

let world: PfWorld;
let pf: OpenedPf;
let faces: readonly string[];
let open: VerificationId;
const honest = new Map<string, string>();

beforeAll(async () => {
  world = await startPfWorld({}, { alpha: ['subject-id'] });
  pf = await openPf(world.config, 'pf-worker', world.url, world);
  const submitted = async () => (await world.service('alpha').submit(await submissionOf(world))).id;
  const decided = [await submitted(), await submitted()];
  for (const id of decided) await run(id);
  open = (await submitted()) as VerificationId;
  faces = [
    `/v1/verifications/${open}`,
    ...decided.map((id) => `/v1/verifications/${id}`),
    ...['receipt', 'report?format=json', 'report?format=html'].map(
      (of) => `/v1/verifications/${decided[0]}/${of}`,
    ),
    '/v1/verifications?limit=100',
    `/v1/statement?month=${new Date(world.clock.now()).toISOString().slice(0, 7)}`,
    '/v1/webhook-endpoints',
  ];
  for (const face of faces) honest.set(face, await answerOf(face));
  for (const face of faces) expect(await answerOf(face), `${face} is the same twice`).toBe(honest.get(face));
  expect([...honest.values()].filter((text) => text.startsWith('200')).length).toBe(faces.length);
  await dropTriggers();
});
afterAll(async () => {
  await pf.close();
  await world.close();
});

const run = (subject: string) =>
  verify(pf.operator, {
    id: 'job',
    name: 'verify',
    version: 1,
    subject,
    attempt: 1,
    signal: AbortSignal.timeout(20_000),
  });

async function answerOf(face: string): Promise<string> {
  const answer = await fetch(`${world.url}${face}`, {
    headers: { authorization: await world.bearer('alpha') },
  });
  // the XML of a report is signed anew each time
  const body = (await answer.text()).replace(/data:application\/xml;base64,[^"]*/g, '');
  return answer.status === 200 ? `200 ${body}` : `${answer.status}`;
}

/** What was there before may be missing; what is there must have been there. */
function isLess(before: string, now: string): boolean {
  if (!now.startsWith('200 ')) return true;
  const list = (text: string): readonly string[] | undefined => {
    const body: unknown = JSON.parse(text.slice(4));
    const lists = typeof body === 'object' && body !== null ? Object.values(body).filter(Array.isArray) : [];
    return lists[0]?.map((one) => JSON.stringify(one));
  };
  try {
    const [were, are] = [list(before), list(now)];
    return were !== undefined && are !== undefined && are.every((one) => were.includes(one));
  } catch {
    return false;
  }
}

async function strangeFaces(): Promise<readonly string[]> {
  const strange: string[] = [];
  for (const face of faces) {
    const now = await answerOf(face);
    const before = honest.get(face) ?? '';
    if (now !== before && !isLess(before, now)) strange.push(`${face}: ${now.slice(0, 200)}`);
  }
  return strange;
}

async function rowsOf(table: string): Promise<readonly RawRow[]> {
  return (await sql<RawRow>`select * from ${sql.table(table)}`.execute(pf.store.kysely)).rows;
}

async function write(table: MacTableName, row: RawRow, columns: RawRow): Promise<void> {
  const set = sql.join(Object.entries(columns).map(([name, value]) => sql`${sql.ref(name)} = ${value}`));
  const where = sql.join(
    MAC_TABLES[table].key.map((name) => sql`${sql.ref(name)} = ${columns[name] ?? row[name]}`),
    sql` and `,
  );
  const key = sql.join(
    MAC_TABLES[table].key.map((name) => sql`${sql.ref(name)} = ${row[name]}`),
    sql` and `,
  );
  const at = columns === row ? where : key;
  await sql`update ${sql.table(table)} set ${set} where ${at}`.execute(pf.store.kysely);
}

async function dropTriggers(): Promise<void> {
  const { rows } = await sql<{
    name: string;
  }>`select name from sqlite_master where type = 'trigger'`.execute(pf.store.kysely);
  for (const { name } of rows) await sql`drop trigger ${sql.ref(name)}`.execute(pf.store.kysely);
}

/** Values that somebody would want, and one that is simply other. */
function others(column: string, value: unknown): readonly unknown[] {
  const wanted: Readonly<Record<string, readonly unknown[]>> = {
    state: ['decided', 'refused', 'expired', 'received'],
    result: ['OK', 'CERTIFICATE_REVOKED', null],
    failure: ['{"code":"jwe.decrypt"}', null],
    tenant: ['tenant-beta'],
    mode: ['digest'],
    profile: ['detached'],
    deleted_at: [1],
    content_taken_at: [1],
  };
  const other =
    typeof value === 'number'
      ? value + 1_000
      : typeof value === 'string'
        ? `${value.slice(0, -1)}~`
        : undefined;
  return [...(wanted[column] ?? []), other].filter((one) => one !== undefined && one !== value);
}

const TABLES = Object.keys(MAC_TABLES) as MacTableName[];

describe('a writer of the database, seen from the API and the worker', () => {
  it.each(TABLES)('%s: a changed clear column is nowhere believed', async (table) => {
    const { free = [], key } = MAC_TABLES[table];
    const strange: string[] = [];
    for (const row of (await rowsOf(table)).slice(0, 2)) {
      const columns = Object.keys(row).filter(
        (name) =>
          name !== 'mac' && !name.startsWith('sealed_') && !free.includes(name) && !key.includes(name),
      );
      for (const column of columns)
        for (const value of others(column, row[column])) {
          await write(table, row, { [column]: value }).catch(() => undefined);
          for (const face of await strangeFaces())
            strange.push(`${table}.${column}=${String(value)} ${face}`);
          await write(table, row, row);
        }
    }
    expect(strange).toEqual([]);
    expect(await strangeFaces()).toEqual([]);
  });

  it('there was something to change', async () => {
    const filled: string[] = [];
    for (const table of TABLES) if ((await rowsOf(table)).length > 0) filled.push(table);
    expect(filled).toEqual(
      expect.arrayContaining([
        'verifications',
        'subjects',
        'fee_ledger',
        'evidence_chain',
        'signature_claims',
        'jobs',
      ]),
    );
  });

  it('the worker judges nothing of a row that was changed, and the sweep ends none by it', async () => {
    const [row] = (await rowsOf('verifications')).filter(({ id }) => id === open);
    if (row === undefined) throw new Error('no open verification');
    const free = ['mac', 'id'];
    const before = JSON.stringify(row);
    for (const column of Object.keys(row).filter((name) => !free.includes(name)))
      for (const value of others(column, row[column])) {
        if (column.startsWith('sealed_')) continue;
        await write('verifications', row, { [column]: value });
        const changed = JSON.stringify((await rowsOf('verifications')).find(({ id }) => id === open));
        await run(open).catch(() => undefined);
        await sweep(pf.operator).catch(() => undefined);
        const after = JSON.stringify((await rowsOf('verifications')).find(({ id }) => id === open));
        expect([before, changed], `${column}=${String(value)}`).toContain(after);
        await write('verifications', row, row);
      }
    expect(await run(open)).toEqual({ kind: 'done' });
    expect((await world.service('alpha').status(open)).result).toBe('OK');
  });
});
