import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/clock.ts';
import { createSealKey, openFileSealer } from '../../../src/adapters/keys/sealer-file.ts';
import { JobTable } from '../../../src/adapters/queue/job-table.ts';
import { Slots } from '../../../src/adapters/queue/slots.ts';
import { openStore } from '../../../src/adapters/store/open-store.ts';
import { auditVerify } from '../../../src/cli/audit.ts';
import type { Command } from '../../../src/cli/command.ts';
import { jobsDrop, jobsList, jobsRetry } from '../../../src/cli/jobs.ts';
import { main } from '../../../src/cli/main.ts';
import { migrate } from '../../../src/cli/migrate.ts';
import { usageOf } from '../../../src/cli/usage.ts';
import { application, auditEvent } from '../../integration/store/records.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-cli-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(command: Command, args: readonly string[], dataDir = join(folder, 'data')) {
  const out: string[] = [];
  const err: string[] = [];
  const status = await main([...command.name.split(' '), ...args], {
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    isTty: false,
    env: { JITSUIN_DATA_DIR: dataDir },
    signal: new AbortController().signal,
  });
  return { status, out: out.join(''), err: err.join(''), json: (): unknown => JSON.parse(out.join('')) };
}

async function storeIn(dataDir: string) {
  const keyFile = join(dataDir, 'key.json');
  if (!existsSync(keyFile)) createSealKey(keyFile);
  return openStore({ dataDir, role: 'gov', sealer: openFileSealer(keyFile), clock: systemClock });
}

describe('commands over a store', () => {
  it.each([migrate, jobsList, jobsRetry, jobsDrop, auditVerify])(
    '$name has a help and refuses a wrong role',
    async (command) => {
      expect(await run(command, ['--help'])).toMatchObject({
        status: 0,
        out: `${usageOf(command, { program: 'jitsuin', language: 'en' })}\n`,
      });
      const ids = command.name === 'jobs retry' || command.name === 'jobs drop' ? ['--all'] : [];
      for (const wrong of [[], ['--role', 'op'], ['--unknown']]) {
        expect((await run(command, [...wrong, ...ids])).status).toBe(2);
      }
    },
  );

  it('says that there is no database yet, and makes none', async () => {
    const dataDir = join(folder, 'none');
    const { status, json } = await run(jobsList, ['--role', 'gov', '--json'], dataDir);
    expect([status, json()]).toEqual([2, expect.objectContaining({ code: 'store.migration' })]);
    expect(existsSync(dataDir)).toBe(false);
  });
});

describe('a store with dead letters', () => {
  let ids: readonly string[] = [];
  beforeAll(async () => {
    const { status, json } = await run(migrate, ['--role', 'gov', '--json']);
    expect([status, json()]).toEqual([
      0,
      { engine: 'sqlite', ran: expect.arrayContaining(['0001-records', '0004-jobs']) },
    ]);
    expect((await run(migrate, ['--role', 'gov', '--json'])).json()).toEqual({ engine: 'sqlite', ran: [] });
    const store = await storeIn(join(folder, 'data'));
    const jobs = ['a', 'b', 'c'].map((subject) => ({ name: 'fetch-result' as const, subject, key: subject }));
    await store.applications.insert(application('one'), {
      jobs,
      audit: [auditEvent('application.received')],
    });
    const table = new JobTable(store);
    const now = systemClock.now();
    const { rows: claimed } = await table.claimDue({
      names: [{ name: 'fetch-result', slots: new Slots({ concurrency: 3 }, () => undefined) }],
      owner: 'test',
      now,
      leaseUntil: now + 1_000,
    });
    for (const job of claimed) await table.dead(job, now, { reason: 'upstream.final', status: 404 });
    ids = claimed.map(({ id }) => id);
    await store.close();
  });

  it('lists them with their reason', async () => {
    const { status, json } = await run(jobsList, ['--role', 'gov', '--json']);
    expect(status).toBe(0);
    expect(json()).toMatchObject({ counts: { waiting: 0, delayed: 0, active: 0, dead: 3 } });
    const text = (await run(jobsList, ['--role', 'gov', '--limit', '2'])).out;
    expect(text.match(/runs 1 {2}upstream\.final {2}HTTP 404 {2}\d/g)).toHaveLength(2);
    expect((await run(jobsList, ['--role', 'gov', '--limit', '0'])).status).toBe(2);
  });

  it('retries one, drops one, and knows what it does not find', async () => {
    const [first = '', second = ''] = ids;
    expect((await run(jobsRetry, ['--role', 'gov', first, '--json'])).json()).toEqual({
      retried: [first],
      missing: [],
    });
    const again = await run(jobsRetry, ['--role', 'gov', first, '--json']);
    expect([again.status, again.json()]).toEqual([1, { retried: [], missing: [first] }]);
    expect((await run(jobsDrop, ['--role', 'gov', second])).status).toBe(0);
    expect((await run(jobsDrop, ['--role', 'gov'])).status).toBe(2);
    expect((await run(jobsDrop, ['--role', 'gov', '--all', second])).status).toBe(2);
    expect((await run(jobsRetry, ['--role', 'gov', '--all', '--json'])).json()).toMatchObject({
      retried: [ids[2]],
    });
    expect((await run(jobsList, ['--role', 'gov', '--json'])).json()).toMatchObject({
      counts: { waiting: 2, dead: 0 },
      dead: [],
    });
  });

  it('verifies the audit chain and names the first broken record', async () => {
    const whole = await run(auditVerify, ['--role', 'gov', '--json']);
    expect([whole.status, whole.json()]).toEqual([
      0,
      {
        records: 1,
        head: expect.stringMatching(/^[0-9a-f]{64}$/),
        chains: 1,
        seals: 1,
        unsealed: 0,
        unclosed: [],
        evidence: { records: 0, head: '0'.repeat(64) },
      },
    ]);
    const store = await storeIn(join(folder, 'data'));
    await store.audit.append(auditEvent('second'));
    await sql`drop trigger audit_records_no_update`.execute(store.kysely);
    await store.kysely.updateTable('audit_records').set({ code: 'x' }).where('chain', '=', 2).execute();
    await store.close();
    const broken = await run(auditVerify, ['--role', 'gov', '--json']);
    expect([broken.status, broken.json()]).toEqual([
      1,
      expect.objectContaining({ brokenAt: 1, brokenChain: 2, code: 'audit.broken' }),
    ]);
    expect((await run(auditVerify, ['--role', 'gov'])).out).toContain('record 1 of chain 2');
  });
});
