import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeOutgrownWorld, type OutgrownWorld } from '../integration/rp/outgrown-world.ts';
import { submit } from '../integration/rp/world.ts';
import { notRun } from '../support/not-run.ts';
import { serverReachable, TEST_DATABASE_URL } from '../support/servers.ts';
import { Walk } from './support/citizen-walk.ts';
import { LONG, report } from './support/fault-settings.ts';
import {
  type CuttableWay,
  canRunRedis,
  cuttableWay,
  makeOwnRedis,
  type OwnRedis,
} from './support/servers.ts';

/** A time says as much about the machine as about us: the promised second is judged in the long form. */
const AT_ONCE = LONG ? 1_000 : 10_000;

const CUTS = 8;

const half = 'faults of PostgreSQL and Redis';
const servers = (await serverReachable(TEST_DATABASE_URL, half)) && canRunRedis();
if (!canRunRedis()) notRun(half, 'no redis-server to start');

/** Q7, Q8: Redis killed, empty, away; connections to PostgreSQL cut in the middle, and PostgreSQL away. */
describe.skipIf(!servers)('PostgreSQL and Redis fail', () => {
  let world: OutgrownWorld;
  let redis: OwnRedis;
  let postgres: CuttableWay;
  let walks = 0;

  beforeAll(async () => {
    redis = await makeOwnRedis();
    const { hostname, port } = new URL(TEST_DATABASE_URL);
    postgres = await cuttableWay(hostname, Number(port || 5432));
    const url = new URL(TEST_DATABASE_URL);
    url.host = `127.0.0.1:${postgres.port}`;
    world = await makeOutgrownWorld({ redisUrl: redis.url, databaseUrl: url.href });
    await world.start('pf', 'pf-worker', 'sp', 'sp-worker');
  }, 60_000);
  afterAll(async () => {
    postgres?.open();
    await redis?.start().catch(() => undefined);
    await world?.close();
    await redis?.close();
    await postgres?.close();
  }, 60_000);

  async function signed(): Promise<Walk> {
    walks += 1;
    const walk = new Walk(world);
    await walk.signed();
    return walk;
  }

  it('Redis is killed and comes back empty: everything goes on', { timeout: 180_000 }, async () => {
    const before = await Promise.all(Array.from({ length: 3 }, signed));
    await redis.kill();
    const started = performance.now();
    const answer = await submit(world.sp, '<届出/>');
    const millis = performance.now() - started;
    walks += 1;
    expect(answer.status).toBe(201);
    expect(millis).toBeLessThan(AT_ONCE);
    const during = await signed();
    await redis.start();
    const ends = await Promise.all([...before, during].map((walk) => walk.end(3_000)));
    report(`redis killed: submission in ${millis.toFixed(0)} ms while away; ends=${ends.join(',')}`);
    expect(ends).toEqual(ends.map(() => 'decided'));
  });

  it('FLUSHALL with jobs in it: the queue is made again from the database', {
    timeout: 180_000,
  }, async () => {
    await world.stop('sp-worker');
    const walk = await signed();
    await redis.flush();
    await world.start('sp-worker');
    expect(await walk.end()).toBe('decided');
  });

  it('connections to PostgreSQL are cut again and again', { timeout: 180_000 }, async () => {
    let cuts = 0;
    const rounds = LONG ? 25 : 2;
    const ends: string[] = [];
    let left = 0;
    const cutting = setInterval(() => {
      // a full machine must get on between two cuts: so many for each application and no more
      if (left === 0) return;
      left -= 1;
      cuts += 1;
      postgres.cut();
    }, 1_200);
    try {
      while (ends.length < rounds || cuts < 2) {
        left = CUTS;
        ends.push(await (await signed()).end(2_000));
      }
    } finally {
      clearInterval(cutting);
    }
    report(`postgres cuts=${cuts} ends=${ends.join(',')}`);
    for (const end of ends) expect(['decided', 'restart-needed', 'exchanging']).toContain(end);
    expect(await (await signed()).end()).toBe('decided');
  });

  it('PostgreSQL away: 503 at once, not ready, still alive; then on', { timeout: 180_000 }, async () => {
    postgres.block();
    const started = performance.now();
    const answer = await submit(world.sp, '<届出/>');
    const millis = performance.now() - started;
    const live = await fetch(`${world.sp.url}/livez`);
    const ready = await fetch(`${world.sp.url}/readyz`);
    postgres.open();
    report(`postgres away: ${answer.status} in ${millis.toFixed(0)} ms`);
    expect([answer.status, live.status, ready.status]).toEqual([503, 200, 503]);
    expect(millis).toBeLessThan(AT_ONCE);
    expect(await (await signed()).end()).toBe('decided');
  });

  it('nothing is there twice, and every verdict has its event', async () => {
    const client = new pg.Client({ connectionString: TEST_DATABASE_URL });
    await client.connect();
    const schema = world.schemaOf('sp');
    const { rows } = await client.query(`select
      (select count(*)::int from "${schema}".applications) as applications,
      (select count(*)::int from "${schema}".applications where state = 'decided') as decided,
      (select count(*)::int from "${schema}".audit_records where event = 'application.verdict-reached') as verdicts,
      (select count(distinct submission_key)::int from "${world.schemaOf('pf')}".verifications) as submissions,
      (select count(*)::int from "${world.schemaOf('pf')}".verifications) as verifications`);
    await client.end();
    const [counts] = rows as { [name: string]: number }[];
    expect(counts?.['applications']).toBe(walks);
    expect(counts?.['verdicts']).toBe(counts?.['decided']);
    expect(counts?.['verifications']).toBe(counts?.['submissions']);
  });
});
