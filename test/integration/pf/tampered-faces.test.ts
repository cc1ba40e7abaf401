import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VerificationId } from '../../../src/core/brand.ts';
import { verify } from '../../../src/pf/judge-verification.ts';
import { sweep } from '../../../src/pf/sweep.ts';
import { type OpenedPf, openPf } from '../../../src/roles/pf/wiring.ts';
import { type PfWorld, startPfWorld, submissionOf } from '../../support/pf-world.ts';
import {
  clearColumns,
  dropTriggers,
  othersOf,
  rowsOf,
  TAMPERED_TABLES,
  writeRow,
} from '../../support/tampering.ts';

/**
 * Who can write the database of a running platform operator: every clear column of every table that has a row, by SQL,
 * seen from outside: what the API answers is what it answered before, a refusal, or less. Never anything else.
 */
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
  await dropTriggers(pf.store);
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

/** Values that somebody would want, by column. */
const WANTED: Readonly<Record<string, readonly unknown[]>> = {
  state: ['decided', 'refused', 'expired', 'received'],
  result: ['OK', 'CERTIFICATE_REVOKED', null],
  failure: ['{"code":"jwe.decrypt"}', null],
  tenant: ['tenant-beta'],
  mode: ['digest'],
  profile: ['detached'],
  deleted_at: [1],
  content_taken_at: [1],
};

describe('a writer of the database, seen from the API and the worker', () => {
  it.each(TAMPERED_TABLES)('%s: a changed clear column is nowhere believed', async (table) => {
    const strange: string[] = [];
    for (const row of (await rowsOf(pf.store, table)).slice(0, 2)) {
      for (const column of clearColumns(table, row))
        for (const value of othersOf(WANTED[column], row[column])) {
          await writeRow(pf.store, table, row, { [column]: value }).catch(() => undefined);
          for (const face of await strangeFaces())
            strange.push(`${table}.${column}=${String(value)} ${face}`);
          await writeRow(pf.store, table, row, row);
        }
    }
    expect(strange).toEqual([]);
    expect(await strangeFaces()).toEqual([]);
  });

  it('there was something to change', async () => {
    const filled: string[] = [];
    for (const table of TAMPERED_TABLES) if ((await rowsOf(pf.store, table)).length > 0) filled.push(table);
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
    const [row] = (await rowsOf(pf.store, 'verifications')).filter(({ id }) => id === open);
    if (row === undefined) throw new Error('no open verification');
    const free = ['mac', 'id'];
    const before = JSON.stringify(row);
    for (const column of Object.keys(row).filter((name) => !free.includes(name)))
      for (const value of othersOf(WANTED[column], row[column])) {
        if (column.startsWith('sealed_')) continue;
        await writeRow(pf.store, 'verifications', row, { [column]: value });
        const changed = JSON.stringify(
          (await rowsOf(pf.store, 'verifications')).find(({ id }) => id === open),
        );
        await run(open).catch(() => undefined);
        await sweep(pf.operator).catch(() => undefined);
        const after = JSON.stringify((await rowsOf(pf.store, 'verifications')).find(({ id }) => id === open));
        expect([before, changed], `${column}=${String(value)}`).toContain(after);
        await writeRow(pf.store, 'verifications', row, row);
      }
    expect(await run(open)).toEqual({ kind: 'done' });
    expect((await world.service('alpha').status(open)).result).toBe('OK');
  });
});
