import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serverReachable, TEST_DATABASE_URL, TEST_REDIS_URL } from '../../support/servers.ts';
import { type CanaryWorld, startCanaryWorld } from './canary-world.ts';
import { gatherMarks } from './gather.ts';
import { type Mark, type Place, search } from './marks.ts';
import { gatherPlaces } from './places.ts';
import { DOCUMENT_MARK, walkEverything } from './walk.ts';

const half = 'the search for protected values in PostgreSQL rows and Redis commands';
const servers =
  (await serverReachable(TEST_DATABASE_URL, half)) && (await serverReachable(TEST_REDIS_URL, half));

describe.skipIf(!servers)(
  'nothing protected is written outside the sealed columns (PostgreSQL, Redis)',
  () => {
    const name = `jt_canary_${process.pid}_${randomBytes(4).toString('hex')}`;
    const commands: string[] = [];
    let monitor: Redis;
    let client: pg.Client;
    let canary: CanaryWorld;
    let marks: readonly Mark[];
    let places: readonly Place[];
    beforeAll(async () => {
      client = new pg.Client({ connectionString: TEST_DATABASE_URL });
      await client.connect();
      monitor = await new Redis(TEST_REDIS_URL).monitor();
      monitor.on('monitor', (_time: string, args: readonly string[]) => {
        const command = args.join(' ');
        if (command.includes(name)) commands.push(command);
      });
      canary = await startCanaryWorld({
        databaseUrl: TEST_DATABASE_URL,
        redisUrl: TEST_REDIS_URL,
        sharedServersName: name,
      });
      const certificate = await walkEverything(canary);
      marks = gatherMarks(canary, certificate, DOCUMENT_MARK);
      places = [...(await gatherPlaces(canary)), ...(await rowPlaces()), redisPlace()];
    }, 120_000);
    afterAll(async () => {
      await canary.close();
      monitor.disconnect();
      for (const role of ['sp', 'gov', 'pf'])
        await client.query(`drop schema if exists "${name}_${role}" cascade`);
      await client.end();
      const redis = new Redis(TEST_REDIS_URL);
      const keys = await redis.keys(`${name}:*`);
      if (keys.length > 0) await redis.del(...keys);
      redis.disconnect();
    });

    /** Every column of every row, the sealed ones too: a value that was not sealed would stand there. */
    async function rowPlaces(): Promise<readonly Place[]> {
      const { rows: tables } = await client.query<{ schema: string; name: string }>(
        `select table_schema as schema, table_name as name from information_schema.tables where table_schema like $1`,
        [`${name}_%`],
      );
      return Promise.all(
        tables.map(async (table) => {
          const { rows } = await client.query<Record<string, unknown>>(
            `select * from "${table.schema}"."${table.name}"`,
          );
          const values = rows.flatMap((row) => Object.values(row));
          const octets = values.map((value) =>
            Buffer.isBuffer(value) ? value : Buffer.from(`${String(value)}\n`),
          );
          return {
            name: `table ${table.schema.replace(`${name}_`, '')}.${table.name}`,
            octets: Buffer.concat(octets),
          };
        }),
      );
    }

    function redisPlace(): Place {
      return { name: 'redis', octets: Buffer.from(commands.join('\n'), 'utf8') };
    }

    it('the run wrote to the databases of all roles and to Redis', () => {
      const lengthOf = (place: string) => places.find((one) => one.name === place)?.octets.length ?? 0;
      for (const table of [
        'sp.applications',
        'gov.applications',
        'pf.verifications',
        'sp.browser_sessions',
        'gov.evidence',
        'sp.audit_records',
        'sp.jobs',
      ]) {
        expect([table, lengthOf(`table ${table}`) > 100]).toEqual([table, true]);
      }
      expect(lengthOf('redis')).toBeGreaterThan(1_000);
    });

    it('and none of the values stands anywhere', () => {
      expect(search(places, marks)).toEqual([]);
    });
  },
);
