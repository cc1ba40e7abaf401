import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Walk } from './citizen-walk.ts';
import { BUDGET, KILLS, LONG, percentile, report, SEED, seeded, shuffled } from './fault-settings.ts';
import { type FaultWorld, type FaultWorldOptions, type ProcessName, startFaultWorld } from './fault-world.ts';
import { leaks, readStored, violationsOf } from './invariants.ts';
import { armPoint, disarm, type KillPoint, killPoints, nameOf } from './kill-points.ts';

const RECOVERY_LIMIT = 60_000;
/** Kills of even the slowest machine. */
const LEAST = 6;
const SWEEP_PAUSE = 15_000;
const DAY = 24 * 3_600_000;

const seconds = (millis: number) => `${(millis / 1000).toFixed(1)}s`;

/**
 * Q1: real processes, killed before and after each outside call and each commit; I1 to I7 afterwards. `crowd`: so many
 * applications at once at each point, whose changes share commits.
 */
export function killLoop(title: string, options: FaultWorldOptions, crowd = 1): void {
  describe(`SIGKILL at every step: ${title}`, () => {
    let world: FaultWorld;
    const walks: Walk[] = [];
    const struck = new Map<string, number>();
    const recoveries: { readonly point: string; readonly millis: number }[] = [];
    /** Their code was away: they end by the clock of `exchanging`. */
    const ambiguous: Walk[] = [];

    beforeAll(async () => {
      world = await startFaultWorld(options);
    }, 120_000);
    afterAll(() => world.close(), 60_000);

    async function commitsOfOneApplication(): Promise<ReadonlyMap<ProcessName, number>> {
      // the first one also fetches what is kept afterwards
      await (await walked()).end();
      for (const name of world.names) await world.process(name).arm('before', 0);
      const walk = await walked();
      await walk.end();
      const counted = world.names.map(
        async (name) => [name, await world.process(name).commitsSinceArmed()] as const,
      );
      return new Map(await Promise.all(counted));
    }

    const surprises = () => world.names.flatMap((name) => world.process(name).surprises);
    const worker = () => world.process(`${world.party} worker`);

    async function walked(): Promise<Walk> {
      const walk = new Walk(world);
      walks.push(walk);
      await walk.signed();
      return walk;
    }

    async function strike(point: KillPoint): Promise<void> {
      const { deaths } = world.process(point.process);
      const deathsBefore = deaths.length;
      await armPoint(world, point);
      const together = await Promise.all(Array.from({ length: crowd }, walked));
      const away: Walk[] = [];
      // one after the other: each moves the clock of all when nothing happens
      for (const walk of together) if ((await walk.end()) === 'exchanging') away.push(walk);
      await disarm(world, point);
      ambiguous.push(...away);
      const died = deaths.length > deathsBefore ? deaths.at(-1) : undefined;
      if (died === undefined) return;
      struck.set(nameOf(point), (struck.get(nameOf(point)) ?? 0) + 1);
      if (away.length === 0)
        recoveries.push({ point: nameOf(point), millis: world.now() - offsetless(died.at) });
    }

    /** Deaths are told in real time; the world's clock may have been moved since. */
    let movedBefore = 0;
    const offsetless = (at: number) => at + movedBefore;

    it('loses nothing, doubles nothing, ends everything', { timeout: 24 * 3_600_000 }, async () => {
      const started = performance.now();
      const points = killPoints(world.party, await commitsOfOneApplication());
      const random = seeded(SEED);
      let kills = 0;
      const goOn = () => kills < KILLS && (kills < LEAST || performance.now() - started < BUDGET);
      while (goOn()) {
        for (const point of shuffled(points, random)) {
          if (!goOn()) break;
          movedBefore = world.now() - Date.now();
          await strike(point);
          const before = kills;
          kills = [...struck.values()].reduce((sum, count) => sum + count, 0);
          if (kills > before && kills % 50 === 0) report(`kill ${title} seed=${SEED} kills=${kills} so far`);
        }
      }
      await endAmbiguous();
      const ends = await Promise.all(walks.map((walk) => walk.state()));
      const stored = readStored(world.place, world.party);
      const violations = [...violationsOf(stored, world.serviceTap), ...leaks(world.place, world.party)];
      const times = recoveries.map(({ millis }) => millis);
      const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
      const restarts = ends.filter((state) => state === 'restart-needed').length;
      report(
        `kill ${title} seed=${SEED} kills=${kills} points=${struck.size}/${points.length} applications=${walks.length} ` +
          `decided=${ends.filter((state) => state === 'decided').length} restart-needed=${restarts} ` +
          `violations=${violations.length} ended by themselves=${surprises().length} recovery p50=${seconds(p50)} p99=${seconds(p99)}`,
      );
      const slowest = [...recoveries].sort((a, b) => b.millis - a.millis).slice(0, 5);
      report(`slowest: ${slowest.map(({ point, millis }) => `${seconds(millis)} ${point}`).join(', ')}`);
      expect(violations).toEqual([]);
      expect(surprises()).toEqual([]);
      expect(stored.applications).toHaveLength(walks.length);
      expect(ends.filter((state) => state !== 'decided' && state !== 'restart-needed')).toEqual([]);
      expect(restarts).toBe(ambiguous.length);
      expect(kills).toBeGreaterThanOrEqual(Math.min(KILLS, LEAST));
      // A time says as much about the machine as about us: told here, judged in the long form on a machine of its own. A crowd's
      // walks each move the clock, and Redis has a clock of its own, which nobody moves.
      if (LONG && crowd === 1 && options.servers !== 'both') expect(p99).toBeLessThan(RECOVERY_LIMIT);
    });

    /** The clock of `exchanging` runs out, and the worker's sweep comes: named and seen by the citizen. */
    async function endAmbiguous(): Promise<void> {
      if (ambiguous.length === 0) return;
      await world.advance(40_000);
      await worker().kill('sweep at the next start');
      for (const walk of ambiguous) {
        const until = performance.now() + 20_000;
        while ((await walk.state()) === 'exchanging' && performance.now() < until)
          await new Promise((resolve) => setTimeout(resolve, 100));
        recoveries.push({ point: 'a code was away', millis: 40_000 + SWEEP_PAUSE });
        const { failure } = await walk.view();
        expect(failure?.code).toBe('transaction.expired');
        expect(failure?.message_ja).toMatch(/もう一度|再度|あらためて|改めて/);
      }
    }

    it('verdicts stay as they are, and the purge comes by its clock', { timeout: 60_000 }, async () => {
      const before = readStored(world.place, world.party);
      expect(before.kept).toBeGreaterThan(0);
      await world.advance(40 * DAY);
      await worker().kill('purge at the next start');
      if (world.party === 'sp') await world.process('pf worker').kill('purge at the next start');
      const until = performance.now() + 40_000;
      while (readStored(world.place, world.party).kept > 0 && performance.now() < until)
        await new Promise((resolve) => setTimeout(resolve, 200));
      const after = readStored(world.place, world.party);
      expect(after.kept).toBe(0);
      // a database gives rows in any order
      const states = ({ applications }: typeof before) =>
        applications.map(({ id, state }) => `${id} ${state}`).sort();
      expect(states(after)).toEqual(states(before));
      expect(violationsOf(after, world.serviceTap)).toEqual([]);
    });
  });
}
