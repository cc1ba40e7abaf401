import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Walk } from './support/citizen-walk.ts';
import { report } from './support/fault-settings.ts';
import { type FaultWorld, startFaultWorld } from './support/fault-world.ts';
import { leaks, readStored, violationsOf } from './support/invariants.ts';
import { REQUESTS, type RequestName } from './support/kill-points.ts';
import type { RoleProcess } from './support/role-process.ts';

/** Longer than the lease of a job. */
const BEYOND_THE_LEASE = 40_000;
const CALLS: readonly RequestName[] = ['9 result', '10 hand-off', '12 status'];

/**
 * Q6: a worker stands still for 40 s in the middle of a job (its event loop is blocked, or its machine pauses). Its lease runs out,
 * another worker does the job, and then the first one goes on with the answer in its hands: what it writes must come to nothing.
 */
describe('a worker that stands still beyond its lease', () => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await startFaultWorld({ workers: 2 });
  });
  afterAll(() => world.close());

  it.each(CALLS)('with the answer of %s away', { timeout: 240_000 }, async (call) => {
    const { tap, pattern } = REQUESTS[call];
    const [asking, other] = [world.process('sp worker'), world.process('sp worker 2')];
    await freezeOutsideTransactions(other);
    let late: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      world[tap].fault = {
        matches: ({ method, path, body }) => pattern.test(`${method} ${path} ${body}`),
        ...{ moment: 'after', answer: 'delivered' },
        strike: async () => {
          // whoever asked stands still; the answer is there when it goes on
          await freezeOutsideTransactions(asking);
          resolve();
          await new Promise<void>((go) => {
            late = go;
          });
        },
      };
    });
    const walk = new Walk(world);
    await walk.signed();
    await asked;
    await world.advance(BEYOND_THE_LEASE);
    other.thaw();
    expect(await walk.end(2_000)).toBe('decided');
    const decided = await walk.view();
    late();
    asking.thaw();
    // the late one has judged its answer once it alone has carried another application to its end
    await freezeOutsideTransactions(other);
    const next = new Walk(world);
    await next.signed();
    expect(await next.end(5_000)).toBe('decided');
    other.thaw();
    expect(await walk.view()).toEqual(decided);
    report(`frozen worker: ${call}: taken over, and the late run changed nothing`);
  });

  /** One that stood still with the database's write lock would be another test. */
  async function freezeOutsideTransactions(process: RoleProcess): Promise<void> {
    const database = new Database(join(world.world.dir, 'sp', 'sp.sqlite3'));
    try {
      for (;;) {
        process.freeze();
        try {
          database.prepare('begin immediate').run([]);
          database.prepare('rollback').run([]);
          return;
        } catch {
          process.thaw();
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      }
    } finally {
      database.close();
    }
  }

  it('the invariants hold after all of it', { timeout: 60_000 }, async () => {
    const violations = () => [
      ...violationsOf(readStored(world.place), world.serviceTap),
      ...leaks(world.place),
    ];
    await expect.poll(violations).toEqual([]);
  });
});
