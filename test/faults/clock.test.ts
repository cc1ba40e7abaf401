import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Walk } from './support/citizen-walk.ts';
import { report, SEED, seeded } from './support/fault-settings.ts';
import { type InProcessWorld, startInProcessWorld } from './support/in-process-world.ts';
import { leaks, readStored, violationsOf } from './support/invariants.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Q10: the time of day jumps in every process at once, in the middle of applications. */
describe('clock steps', () => {
  let world: InProcessWorld;
  beforeAll(async () => {
    world = await startInProcessWorld();
  }, 60_000);
  afterAll(() => world.close());

  it.each([
    ['a leap second back', -SECOND],
    ['a minute on', MINUTE],
    ['two hours back', -2 * HOUR],
    ['two hours on', 2 * HOUR],
  ])(
    '%s between signature and result: ended, and nothing twice',
    { timeout: 60_000 },
    async (_name, step) => {
      await world.stopWorkers();
      const walk = new Walk(world);
      await walk.signed();
      expect(await walk.state()).toBe('authorized');
      await world.advance(step);
      await world.startWorkers();
      // two hours on the result is gone at the service, and the citizen is told to sign again
      expect(await walk.end()).toBe(step > HOUR ? 'restart-needed' : 'decided');
    },
  );

  it('many small steps at random while applications run, and then as ever', {
    timeout: 120_000,
  }, async () => {
    const random = seeded(SEED);
    const walks = Array.from({ length: 4 }, () => new Walk(world));
    let steps = 0;
    const stepping = setInterval(() => {
      steps += 1;
      void world.advance(Math.round((random() - 0.5) * 40 * SECOND));
    }, 60);
    for (const walk of walks) await walk.signed();
    const ends = await Promise.all(walks.map((walk) => walk.end()));
    clearInterval(stepping);
    report(`clock seed=${SEED} steps=${steps} ends=${ends.join(',')}`);
    for (const [index, end] of ends.entries()) {
      // a step while a client assertion travels makes it too old or too young: the service's row for that, named
      if (end === 'failed') expect((await walks[index]?.view())?.failure?.row).toBe('token-15');
      else expect(['decided', 'restart-needed', 'exchanging']).toContain(end);
    }
    const after = new Walk(world);
    await after.signed();
    expect(await after.end()).toBe('decided');
  });

  it('the invariants hold after all of it', { timeout: 30_000 }, async () => {
    await world.advance(5 * MINUTE);
    await world.stopWorkers();
    await world.startWorkers();
    await expect
      .poll(() => [...violationsOf(readStored(world.dir), world.serviceTap), ...leaks(world.dir)], {
        timeout: 20_000,
      })
      .toEqual([]);
  });
});
