import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeOutgrownWorld, type OutgrownWorld } from '../integration/rp/outgrown-world.ts';
import { submit } from '../integration/rp/world.ts';
import { notRun } from '../support/not-run.ts';
import { Walk } from './support/citizen-walk.ts';
import { LONG, report } from './support/fault-settings.ts';
import {
  canRunRedis,
  makeOwnPostgres,
  makeOwnRedis,
  type OwnPostgres,
  type OwnRedis,
  ownPostgresPrograms,
} from './support/servers.ts';

const programs = ownPostgresPrograms();
const there = programs !== undefined && canRunRedis();
if (!there) notRun('servers of our own, restarted', 'no PostgreSQL or no Redis to run');
/** What a person waits for; judged on a machine of its own only. */
const SOON = LONG ? 1_000 : 15_000;

/** Seconds since it was last asked, as text. */
function stopwatch(): () => string {
  let since = performance.now();
  return () => {
    const seconds = (performance.now() - since) / 1_000;
    since = performance.now();
    return `${seconds.toFixed(1)} s`;
  };
}

/** Q7, Q8: servers of this test alone, restarted, filled up and frozen while applications run. */
describe.skipIf(!there)('the servers themselves', () => {
  let world: OutgrownWorld;
  let redis: OwnRedis;
  let postgres: OwnPostgres;

  beforeAll(async () => {
    redis = await makeOwnRedis();
    postgres = await makeOwnPostgres(programs ?? '');
    world = await makeOutgrownWorld({ redisUrl: redis.url, databaseUrl: postgres.url });
    await world.start('pf', 'pf-worker', 'sp', 'sp-worker');
    // initdb, three schemas and four processes' work: a full machine takes more than the usual two minutes
  }, 240_000);
  afterAll(async () => {
    redis?.thaw();
    await world?.close();
    await redis?.close();
    await postgres?.close();
  });

  const walks = (count: number) => Array.from({ length: count }, () => new Walk(world));
  const signed = async (count: number) => {
    const made = walks(count);
    await Promise.all(made.map((walk) => walk.signed()));
    return made;
  };
  /** One after the other: all at once would move the clock by as many leases, and past the tolerance of who compares clocks. */
  const endsOf = async (made: readonly Walk[]) => {
    const ends: string[] = [];
    for (const walk of made) ends.push(await walk.end(3_000));
    return ends;
  };

  it('the clock of this world is moved by several leases: still everything is decided', async () => {
    await world.advance(10 * 60_000);
    expect(await endsOf(await signed(1))).toEqual(['decided']);
  }, 120_000);

  it.each(['fast', 'immediate'] as const)(
    'PostgreSQL restarted (%s) with applications under way',
    async (mode) => {
      const made = walks(4);
      const lap = stopwatch();
      const signing = Promise.all(made.map((walk) => walk.signed()));
      await postgres.restart(mode);
      const laps = [`restarted ${lap()}`];
      await signing;
      laps.push(`signed ${lap()}`);
      await postgres.restart(mode);
      laps.push(`restarted ${lap()}`);
      const ends = await endsOf(made);
      laps.push(`ended ${lap()}`);
      report(`postgres restarted twice (${mode}): ${laps.join(', ')}; ends=${ends.join(',')}`);
      // the code of one that was being exchanged is lost, and named so
      for (const end of ends) expect(['decided', 'restart-needed', 'exchanging']).toContain(end);
      expect(await endsOf(await signed(1))).toEqual(['decided']);
    },
    240_000,
  );

  it('Redis full under noeviction: taken in as ever, and done once there is room', async () => {
    await redis.configure('maxmemory', '1');
    const started = performance.now();
    expect((await submit(world.sp, '<届出/>')).status).toBe(201);
    expect(performance.now() - started).toBeLessThan(SOON);
    const made = await signed(2);
    expect(await Promise.all(made.map((walk) => walk.state()))).toEqual(['authorized', 'authorized']);
    await redis.configure('maxmemory', '0');
    expect(await endsOf(made)).toEqual(['decided', 'decided']);
  }, 240_000);

  it('a Redis that is there and silent holds up nobody', async () => {
    redis.freeze();
    try {
      const started = performance.now();
      expect((await submit(world.sp, '<届出/>')).status).toBe(201);
      const millis = performance.now() - started;
      report(`redis silent: submission in ${millis.toFixed(0)} ms`);
      expect(millis).toBeLessThan(SOON);
    } finally {
      redis.thaw();
    }
    expect(await endsOf(await signed(1))).toEqual(['decided']);
  }, 240_000);

  it('Redis made a read-only replica in operation: jobs wait in the database and go on when it is one no more', async () => {
    await redis.command('REPLICAOF', '127.0.0.1', '1');
    const made = await signed(1);
    expect(await made[0]?.state()).toBe('authorized');
    await redis.command('REPLICAOF', 'NO', 'ONE');
    expect(await endsOf(made)).toEqual(['decided']);
  }, 240_000);
});
