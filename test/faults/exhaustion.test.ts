import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFileSealer } from '../../src/adapters/keys/sealer-file.ts';
import { openStore, type Store } from '../../src/adapters/store/open-store.ts';
import { submit } from '../integration/rp/world.ts';
import { Walk } from './support/citizen-walk.ts';
import { report } from './support/fault-settings.ts';
import { type InProcessWorld, startInProcessWorld } from './support/in-process-world.ts';
import { leaks, readStored, violationsOf } from './support/invariants.ts';

const PLENTY = 1_000_000;
const MOST_SUBMISSIONS = 200;

/** Q9: the disk of a database is full. Nothing is taken in, nothing is said to be so that is not written, and all of it goes on. */
describe('a full disk', () => {
  let world: InProcessWorld;
  beforeAll(async () => {
    world = await startInProcessWorld();
  });
  afterAll(() => world.close());

  /** This process has one connection to each file: what it may write is what the role may write. */
  async function withStore<T>(role: 'sp' | 'pf', act: (store: Store) => Promise<T>): Promise<T> {
    const dataDir = join(world.dir, role);
    const sealer = openFileSealer(join(dataDir, 'seal-key.json'));
    const store = await openStore({ dataDir, role, sealer, clock: { now: () => 0 as never } });
    try {
      return await act(store);
    } finally {
      await store.close();
    }
  }
  const limit = (role: 'sp' | 'pf', pages: number) =>
    withStore(
      role,
      async ({ kysely }) => void (await sql`pragma max_page_count = ${sql.lit(pages)}`.execute(kysely)),
    );

  it('of the sp: submissions are refused with 503 before anything is taken in; what runs stays whole and goes on', {
    timeout: 240_000,
  }, async () => {
    await world.stopWorkers();
    const walks = [new Walk(world), new Walk(world)];
    for (const walk of walks) await walk.signed();
    // no more room than there is
    await limit('sp', 1);
    let taken = 0;
    let refused: Response | undefined;
    while (refused === undefined && taken < MOST_SUBMISSIONS) {
      const answer = await submit(world.sp, `<届出>${'あ'.repeat(20_000)}</届出>`);
      if (answer.status === 201) taken += 1;
      else refused = answer;
    }
    expect(refused?.status).toBe(503);
    expect(await refused?.json()).toMatchObject({ code: 'store.full' });
    const stored = () => readStored(world.dir).applications;
    expect(stored()).toHaveLength(walks.length + taken);
    await world.startWorkers();
    const before = stored().find(({ id }) => id === walks[0]?.id);
    expect(before?.state).toBe('authorized');
    expect((await fetch(`${world.sp.url}/livez`)).status).toBe(200);
    await limit('sp', PLENTY);
    const ends = await Promise.all(walks.map((walk) => walk.end(3_000)));
    report(`disk full of the sp: ${taken} taken in, then 503; ends=${ends.join(',')}`);
    expect(ends).toEqual(['decided', 'decided']);
  });

  it('of the platform operator: no verdict without its audit record; the sp waits, and both go on', {
    timeout: 240_000,
  }, async () => {
    await world.stopWorkers();
    const walk = new Walk(world);
    await walk.signed();
    await limit('pf', 1);
    await fillFreePages(world, withStore);
    await world.startWorkers();
    await expect.poll(() => walk.state()).toBe('fetched');
    expect(readStored(world.dir).verifications.filter(({ state }) => state === 'decided')).toHaveLength(2);
    await limit('pf', PLENTY);
    expect(await walk.end(3_000)).toBe('decided');
  });

  it('the invariants hold after all of it', () => {
    const stored = readStored(world.dir);
    const open = violationsOf(stored, world.serviceTap).filter(({ invariant }) => invariant !== 'I5');
    expect([...open, ...leaks(world.dir)]).toEqual([]);
  });
});

/** Pages that a purge left empty would still be room: they are used up. */
async function fillFreePages(
  world: InProcessWorld,
  withStore: (role: 'pf', act: (store: Store) => Promise<void>) => Promise<void>,
): Promise<void> {
  await withStore('pf', async ({ kysely }) => {
    for (let n = 0; n < 10_000; n += 1) {
      const row = {
        purpose: 'filling',
        value_hash: `${world.now()}-${n}`.padEnd(2_000, 'x'),
        remembered_until: 9e15,
      };
      try {
        await kysely.insertInto('replay_values').values(row).execute();
      } catch {
        return;
      }
    }
  });
}
