import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Walk } from './support/citizen-walk.ts';
import { failingWrites } from './support/failing-writes.ts';
import { LONG, report, SEED, seeded } from './support/fault-settings.ts';
import type { Passing, TapFault } from './support/fault-tap.ts';
import { type InProcessWorld, startInProcessWorld } from './support/in-process-world.ts';
import { leaks, readStored, violationsOf } from './support/invariants.ts';

const PATIENCE = 400;
const IS_EXCHANGE = /grant_type=authorization_code/;

/** Q2: SQLite's loop. The n-th write or network call fails, n = 1, 2, …, until a run in which nothing failed. */
describe('the n-th write or network call fails', () => {
  const writes = failingWrites();
  let world: InProcessWorld;
  let walks = 0;
  const ends: string[] = [];

  beforeAll(async () => {
    world = await startInProcessWorld();
    await ended(await walked());
  }, 60_000);
  afterAll(async () => {
    writes.restore();
    await world.close();
  });

  async function walked(): Promise<Walk> {
    walks += 1;
    const walk = new Walk(world);
    await walk.signed();
    return walk;
  }

  async function ended(walk: Walk): Promise<string> {
    let state = await walk.end(PATIENCE);
    if (state === 'exchanging') {
      // the code was away when the store failed: its own clock and the next sweep end it by name
      await world.advance(31_000);
      await world.stopWorkers();
      await world.startWorkers();
      for (let looks = 0; looks < 100 && state === 'exchanging'; looks += 1) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        state = await walk.state();
      }
    }
    ends.push(state);
    return state;
  }

  it('store: every write and commit of one application', { timeout: 20 * 60_000 }, async () => {
    // the short form takes every tenth, beginning at a random one; n grows until a run is not hit
    const step = LONG ? 1 : 10;
    let n = LONG ? 1 : 1 + Math.floor(seeded(SEED)() * step);
    const first = n;
    let restarts = 0;
    for (; ; n += step) {
      writes.arm(n);
      const state = await ended(await walked());
      expect(['decided', 'restart-needed']).toContain(state);
      if (state === 'restart-needed') restarts += 1;
      if (!writes.struck) break;
    }
    writes.arm(0);
    report(`nth-write seed=${SEED} first=${first} step=${step} last=${n} restart-needed=${restarts}`);
    expect(n).toBeGreaterThan(20);
    expect(restarts).toBeLessThanOrEqual(LONG ? 8 : 3);
  });

  it.each(['before', 'after'] as const)(
    'network: every call of one application, %s it was processed',
    { timeout: 10 * 60_000 },
    async (moment) => {
      let calls = 0;
      for (let n = 1; ; n += 1) {
        const struck = strikeNth(n, moment);
        const state = await ended(await walked());
        world.serviceTap.fault = undefined;
        world.pfTap.fault = undefined;
        const hit = struck();
        if (hit === undefined) break;
        calls = n;
        // the exchange is the one call that is never repeated
        expect(state, `${hit.method} ${hit.path}`).toBe(
          IS_EXCHANGE.test(hit.body) ? 'restart-needed' : 'decided',
        );
      }
      report(`nth-call ${moment}: ${calls} calls of one application, each failed once`);
      expect(calls).toBeGreaterThanOrEqual(6);
    },
  );

  function strikeNth(n: number, moment: TapFault['moment']): () => Passing | undefined {
    let count = 0;
    let hit: Passing | undefined;
    const fault: TapFault = {
      moment,
      matches: ({ path, method }) => {
        if (path.includes('/auth') || path.includes('/simulator/') || method === 'HEAD') return false;
        count += 1;
        return count === n;
      },
      strike: async (passing) => {
        hit = passing;
      },
    };
    world.serviceTap.fault = fault;
    world.pfTap.fault = fault;
    return () => hit;
  }

  it('the invariants hold after all of it', () => {
    const stored = readStored(world.dir);
    const violations = [...violationsOf(stored, world.serviceTap), ...leaks(world.dir)];
    report(`nth applications=${stored.applications.length} violations=${violations.length}`);
    expect(violations).toEqual([]);
    expect(stored.applications).toHaveLength(walks);
    expect(ends).toHaveLength(walks);
  });
});
