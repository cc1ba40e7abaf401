import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/clock.ts';
import { createSealKey, openFileSealer } from '../../../src/adapters/keys/sealer-file.ts';
import { openStore, type Store } from '../../../src/adapters/store/open-store.ts';
import { main } from '../../../src/cli/main.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { toPem } from '../../../src/simulator/jpki/certificate.ts';
import { keptEvidence } from '../../../src/verification/evidence/kept-evidence.ts';
import { evidencePeriod, stampedOctets } from '../../../src/verifier/evidence/evidence-time.ts';
import { anchorsPem, NOW } from '../../support/pf-signing.ts';
import { evidenceFor, registry } from '../evidence/evidence-kit.ts';
import { statusAt, tokenOver, tsa } from '../timestamp/tsa-kit.ts';

const dir = mkdtempSync(join(tmpdir(), 'jitsuin-store-'));
const env = { JITSUIN_DATA_DIR: dir };
const file = (name: string) => join(dir, name);
const trust = ['--trust', file('jpki.pem'), '--tsa-trust', file('tsa.pem'), '--at', '2026-11-22T05:00:00Z'];
const GOOD = evidenceFor('good').octets;
const REVOKED = evidenceFor('revoked', 'revoked').octets;

async function jitsuin(...args: readonly string[]) {
  let out = '';
  let err = '';
  const status = await main(args, {
    stdout: (text) => {
      out += text;
    },
    stderr: (text) => {
      err += text;
    },
    ...{ isTty: false, env, signal: new AbortController().signal },
  });
  return { status, out, err, lines: out.split('\n').filter((line) => line !== '') };
}

async function withStore<T>(act: (store: Store) => Promise<T>): Promise<T> {
  const sealer = openFileSealer(file('pf.seal-key.json'));
  const store = await openStore({ dataDir: dir, role: 'pf', sealer, clock: systemClock });
  return act(store).finally(() => store.close());
}

/** One token over everything that none covers yet. */
async function stamp({ archive }: Store): Promise<void> {
  const links = await archive.uncovered(1000);
  const period = evidencePeriod(
    (await archive.lastPeriod()) + 1,
    links.map(({ sha256 }) => sha256),
    links.at(-1)?.hash ?? '',
  );
  const empty = { ...period, tokens: [], revocation: [], trees: [] };
  const at = NOW as EpochMillis;
  const known = statusAt(1, at);
  await archive.close(
    {
      ...empty,
      ...{ firstSeq: links[0]?.seq ?? 0, lastSeq: links.at(-1)?.seq ?? 0, algorithms: [] },
      tokens: [tokenOver(stampedOctets(empty, 1), { at })],
      validUntil: (NOW + 86_400_000_000) as EpochMillis,
      revocation: [{ ...known, at }],
    },
    [],
  );
}

beforeAll(async () => {
  writeFileSync(file('jpki.pem'), anchorsPem(registry));
  writeFileSync(file('tsa.pem'), toPem(tsa.rootCertificate));
  createSealKey(file('pf.seal-key.json'));
  await withStore(async (store) => {
    for (const id of ['b', 'a']) await store.evidence.put(id, 'alpha', GOOD);
    await store.evidence.put('revoked', 'alpha', REVOKED);
    await stamp(store);
    await store.evidence.put('late', 'alpha', evidenceFor('late').octets);
  });
});

it('a whole store: every record in the order of the chain, the worst decides', async () => {
  const { status, lines, err } = await jitsuin('evidence', 'verify', '--store', ...trust);
  const rows = lines.map((line) => JSON.parse(line));
  expect(rows.map(({ id, outcome, basis }) => [id, outcome, basis])).toEqual([
    ['b', 'valid', 'proved'],
    ['a', 'valid', 'proved'],
    ['revoked', 'negative', 'proved'],
    ['late', 'not-provable', 'none'],
  ]);
  expect([status, err]).toEqual([1, expect.stringContaining('negative 1, not-provable 1, valid 2')]);
  expect((await jitsuin('evidence', 'verify', 'x.json', '--store', ...trust)).status).toBe(2);
});

it('everything out: each file as `evidence export` writes it; after a kill it goes on', async () => {
  const folder = file('out');
  expect((await jitsuin('evidence', 'export', '--all')).status).toBe(2);
  const { status, err } = await jitsuin('evidence', 'export', '--all', '--out', folder);
  expect([status, err]).toEqual([0, expect.stringMatching(/^4 written now.*written 4\n$/)]);
  expect(readdirSync(folder).filter((name) => !name.startsWith('.'))).toEqual([
    ...['a.json', 'b.json', 'late.json', 'revoked.json'],
  ]);
  await jitsuin('evidence', 'export', 'a', '--out', file('one.json'));
  expect(readFileSync(join(folder, 'a.json'))).toEqual(readFileSync(file('one.json')));
  const list = join(folder, '.exported.ndjson');
  const [first = ''] = readFileSync(list, 'utf8').split('\n');
  writeFileSync(list, `${first}\n`);
  appendFileSync(list, '{"id":"a","outc');
  rmSync(join(folder, 'b.json'));
  const again = await jitsuin('evidence', 'export', '--all', '--out', folder);
  // the first line's record is not written again, whatever became of its file
  expect([again.status, again.err]).toEqual([0, expect.stringMatching(/^3 written now, 1 before/)]);
  expect(readdirSync(folder)).not.toContain('b.json');
  const judged = await jitsuin('evidence', 'verify', folder, ...trust);
  expect([judged.status, judged.lines.length]).toEqual([1, 3]);
  const noted = await withStore((store) =>
    store.kysely.selectFrom('audit_records').select(['event', 'subject']).execute(),
  );
  const exported = noted.filter(({ event }) => event === 'evidence.exported').map(({ subject }) => subject);
  expect(exported.sort()).toEqual(['a', 'a', 'a', 'b', 'late', 'late', 'revoked', 'revoked']);
});

it('a record that the chain does not know is judged all the same; one whose chain is broken ends with 4', async () => {
  await withStore(async (store) => {
    await store.kysely.deleteFrom('evidence').where('id', '=', 'b').execute();
    const ids = [];
    for await (const { id } of keptEvidence(store)) ids.push(id);
    expect(ids).toEqual(['a', 'revoked', 'late']);
    const [row] = await store.kysely.selectFrom('evidence').selectAll().where('id', '=', 'a').execute();
    if (row === undefined) throw new Error('a is not there');
    await store.kysely
      .insertInto('evidence')
      .values({ ...row, id: 'stranger' })
      .execute();
  });
  const { status, lines, err } = await jitsuin('evidence', 'verify', '--store', ...trust);
  expect(lines.map((line) => JSON.parse(line)).map(({ id, outcome }) => [id, outcome])).toEqual([
    ['stranger', 'unreadable'],
    ['a', 'valid'],
    ['revoked', 'negative'],
    ['late', 'not-provable'],
  ]);
  expect([status, err]).toEqual([4, expect.stringContaining('broken at link 1')]);
});
