import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFileSealer } from '../../src/adapters/keys/sealer-file.ts';
import { rowMacs } from '../../src/adapters/store/rows/row-macs.ts';
import { Walk } from './support/citizen-walk.ts';
import { LONG, report, SEED, seeded, shuffled } from './support/fault-settings.ts';
import { type InProcessWorld, startInProcessWorld } from './support/in-process-world.ts';
import { readStored, violationsOf } from './support/invariants.ts';

const COPIES = 10;
const APPLICATIONS = LONG ? 300 : 4;
const SP_JOBS = ['fetch-result', 'submit-verification', 'await-verification'] as const;

/** Q3, Q4, Q16: every job many times at once, too early and too late, some of them of a later program. */
describe('duplicate and reordered delivery', () => {
  let world: InProcessWorld;
  beforeAll(async () => {
    world = await startInProcessWorld({ JITSUIN_SERVICE_RATE: '1000' });
  }, 60_000);
  afterAll(() => world.close());

  /** Jobs of ours that nobody asked for, as a queue that delivers wildly would bring them. */
  function deliver(
    role: 'sp' | 'pf',
    jobs: readonly { name: string; subject: string; version?: number }[],
  ): void {
    const database = new Database(join(world.dir, role, `${role}.sqlite3`));
    database.pragma('busy_timeout = 5000');
    const insert = database.prepare(`insert into jobs
      (id, name, version, subject, job_key, state, run_at, attempts, losses, fence, lease_until, created_at, mac)
      values (?, ?, ?, ?, ?, 'waiting', ?, 0, 0, 0, 0, ?, ?)`);
    const macs = rowMacs(openFileSealer(join(world.dir, role, 'seal-key.json')));
    for (const { name, subject, version = 1 } of jobs) {
      const id = crypto.randomUUID();
      const row = { id, name, version, subject, job_key: `wild:${id}`, created_at: world.now() };
      const { mac } = macs.sealed('jobs', row);
      insert.run([id, name, version, subject, row.job_key, row.created_at, row.created_at, Buffer.from(mac)]);
    }
    database.close();
  }

  function jobStates(role: 'sp' | 'pf'): Record<string, number> {
    const database = new Database(join(world.dir, role, `${role}.sqlite3`), { readonly: true });
    const rows = database
      .prepare('select state, version, count(*) as n from jobs group by state, version')
      .all() as { state: string; version: number; n: number }[];
    database.close();
    return Object.fromEntries(rows.map(({ state, version, n }) => [`${state} v${version}`, n]));
  }

  it('one effect each', { timeout: 20 * 60_000 }, async () => {
    const random = seeded(SEED);
    let delivered = 0;
    for (let count = 0; count < APPLICATIONS; count += 1) {
      await world.stopWorkers();
      const walk = new Walk(world);
      await walk.signed();
      const storm = Array.from({ length: COPIES }, () => SP_JOBS).flat();
      deliver(
        'sp',
        shuffled(storm, random).map((name) => ({ name, subject: walk.id })),
      );
      await world.startWorkers();
      expect(await walk.end(400)).toBe('decided');
      const verification = readStored(world.dir).verifications.find(
        ({ submission_key }) => submission_key === walk.id,
      );
      const late = Array.from({ length: COPIES }, () => ({
        name: 'verify',
        subject: verification?.id ?? '',
      }));
      deliver('pf', late);
      deliver(
        'sp',
        SP_JOBS.map((name) => ({ name, subject: walk.id })),
      );
      delivered += storm.length + late.length + SP_JOBS.length;
    }
    await expect.poll(() => jobStates('sp')['waiting v1'] ?? 0, { timeout: 30_000 }).toBe(0);
    await expect.poll(() => jobStates('pf')['waiting v1'] ?? 0, { timeout: 30_000 }).toBe(0);
    const stored = readStored(world.dir);
    const violations = violationsOf(stored, world.serviceTap);
    report(
      `delivery seed=${SEED} applications=${APPLICATIONS} wild jobs=${delivered} violations=${violations.length}`,
    );
    expect(violations).toEqual([]);
    expect(stored.applications.every(({ state }) => state === 'decided')).toBe(true);
    expect(jobStates('sp')['dead v1'] ?? 0).toBe(0);
  });

  it('a job of a later program waits for it and is not lost', { timeout: 90_000 }, async () => {
    deliver('sp', [{ name: 'fetch-result', subject: 'of-tomorrow', version: 2 }]);
    await world.stopWorkers();
    await world.startWorkers();
    // what was put in after it is done: the worker has looked
    deliver('sp', [{ name: 'fetch-result', subject: 'of-today' }]);
    await expect.poll(() => jobStates('sp')['waiting v1'] ?? 0, { timeout: 30_000 }).toBe(0);
    await expect.poll(() => jobStates('sp')['active v1'] ?? 0, { timeout: 30_000 }).toBe(0);
    expect(jobStates('sp')['waiting v2']).toBe(1);
  });
});
