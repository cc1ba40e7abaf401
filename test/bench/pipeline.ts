import { join } from 'node:path';
import Database from 'libsql';
import pg from 'pg';
import { Walk, type WalkedWorld } from '../faults/support/citizen-walk.ts';
import { percentile } from '../faults/support/fault-settings.ts';
import { startInProcessWorld } from '../faults/support/in-process-world.ts';
import { makeOutgrownWorld } from '../integration/rp/outgrown-world.ts';
import { serverReachable, TEST_DATABASE_URL, TEST_REDIS_URL } from '../support/servers.ts';
import type { Bench } from './bench.ts';
import { bareJobs, bareRoute, inParallel } from './support/anchors.ts';
import { countStatements, type StatementCount } from './support/statement-count.ts';

const WIDTH = 8;

/** What one application costs where it is kept. */
interface Cost {
  readonly rows: number;
  readonly bytes: number;
}

interface Contender {
  readonly name: string;
  readonly world: WalkedWorld;
  readonly engine: keyof StatementCount;
  kept(): Promise<Cost>;
  close(): Promise<void>;
}

/**
 * Applications a second from submission to verdict, sp and pf with their workers, the simulator and the citizens all in
 * this one process, beside a BullMQ job and an Express route that do nothing, in the same run. Loopback only, bounded.
 */
export const bench: Bench = async ({ rounds, quick }) => {
  const applications = quick ? 16 : 64;
  const statements = countStatements();
  const contenders = [await embedded(), ...(await outgrown())];
  const results = [];
  try {
    for (const contender of contenders) {
      await inParallel(WIDTH, WIDTH, () => oneApplication(contender, []));
      results.push(await measure(contender, statements, applications, rounds));
    }
    const anchors = await anchorsOf(quick);
    print(results, anchors);
    return { results, anchors };
  } finally {
    for (const contender of contenders) await contender.close();
  }
};

async function oneApplication({ world }: Contender, latencies: number[]): Promise<void> {
  const started = performance.now();
  const walk = new Walk(world);
  await walk.signed();
  const state = await walk.end(60_000);
  if (state !== 'decided') throw new Error(`An application ended ${state}.`);
  latencies.push(performance.now() - started);
}

async function measure(
  contender: Contender,
  statements: StatementCount,
  applications: number,
  rounds: number,
) {
  const rates: number[] = [];
  const latencies: number[] = [];
  const before = await contender.kept();
  const statementsBefore = statements[contender.engine];
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    await inParallel(applications, WIDTH, () => oneApplication(contender, latencies));
    rates.push((applications * 1_000) / (performance.now() - started));
  }
  const after = await contender.kept();
  const total = applications * rounds;
  return {
    name: contender.name,
    applications: total,
    perSecond: percentile(rates, 0.5),
    latencyP50: percentile(latencies, 0.5),
    latencyP99: percentile(latencies, 0.99),
    rows: (after.rows - before.rows) / total,
    bytes: (after.bytes - before.bytes) / total,
    statements: (statements[contender.engine] - statementsBefore) / total,
  };
}

async function embedded(): Promise<Contender> {
  const world = await startInProcessWorld({ JITSUIN_SERVICE_RATE: '1000' });
  return {
    ...{ name: 'embedded (SQLite)', world, engine: 'sqlite' },
    kept: async () => {
      const costs = (['sp', 'pf'] as const).map((role) =>
        sqliteCost(join(world.dir, role, `${role}.sqlite3`)),
      );
      return sum(costs);
    },
    close: world.close,
  };
}

function sqliteCost(file: string): Cost {
  const database = new Database(file, { readonly: true });
  const all = <Row>(text: string) => database.prepare(text).all() as Row[];
  const tables = all<{ name: string }>("select name from sqlite_master where type = 'table'");
  const rows = tables.map(({ name }) => all<{ n: number }>(`select count(*) as n from ${name}`)[0]?.n ?? 0);
  const pages = all<{ bytes: number }>(
    'select page_count * page_size as bytes from pragma_page_count(), pragma_page_size()',
  );
  database.close();
  return { rows: rows.reduce((total, count) => total + count, 0), bytes: pages[0]?.bytes ?? 0 };
}

async function outgrown(): Promise<readonly Contender[]> {
  const half = 'the pipeline on PostgreSQL and Redis';
  if (!(await serverReachable(TEST_DATABASE_URL, half)) || !(await serverReachable(TEST_REDIS_URL, half)))
    return [];
  const world = await makeOutgrownWorld({ env: { JITSUIN_SERVICE_RATE: '1000' } });
  await world.start('pf', 'pf-worker', 'sp', 'sp-worker');
  const kept = async () =>
    sum(await Promise.all((['sp', 'pf'] as const).map((role) => postgresCost(world.schemaOf(role)))));
  return [{ ...{ name: 'PostgreSQL + Redis', world, engine: 'postgres', kept }, close: world.close }];
}

async function postgresCost(schema: string): Promise<Cost> {
  const client = new pg.Client({ connectionString: TEST_DATABASE_URL });
  await client.connect();
  const { rows: tables } = await client.query<{ name: string }>(
    'select tablename as name from pg_tables where schemaname = $1',
    [schema],
  );
  let rows = 0;
  let bytes = 0;
  for (const { name } of tables) {
    const { rows: found } = await client.query<{ n: string; bytes: string }>(
      `select count(*) as n, pg_total_relation_size('"${schema}"."${name}"') as bytes from "${schema}"."${name}"`,
    );
    rows += Number(found[0]?.n);
    bytes += Number(found[0]?.bytes);
  }
  await client.end();
  return { rows, bytes };
}

function sum(costs: readonly Cost[]): Cost {
  return costs.reduce((a, b) => ({ rows: a.rows + b.rows, bytes: a.bytes + b.bytes }));
}

async function anchorsOf(quick: boolean) {
  const count = quick ? 500 : 3_000;
  const redis = await serverReachable(TEST_REDIS_URL, 'the no-op BullMQ job');
  return {
    expressRoutePerSecond: await bareRoute(count),
    ...(redis ? { bullmqJobPerSecond: await bareJobs(TEST_REDIS_URL, count) } : {}),
  };
}

function print(
  results: readonly Awaited<ReturnType<typeof measure>>[],
  anchors: Awaited<ReturnType<typeof anchorsOf>>,
): void {
  console.log('one process: simulator, citizens, sp, pf and both workers; 8 citizens at once');
  for (const result of results) {
    console.log(
      `${result.name.padEnd(20)} ${result.perSecond.toFixed(1)} applications/s  p50 ${result.latencyP50.toFixed(0)} ms  ` +
        `p99 ${result.latencyP99.toFixed(0)} ms  each: ${result.rows.toFixed(1)} rows, ` +
        `${(result.bytes / 1024).toFixed(1)} KiB, ${result.statements.toFixed(0)} SQL statements`,
    );
  }
  for (const [name, rate] of Object.entries(anchors)) console.log(`${name.padEnd(24)} ${rate.toFixed(0)}`);
}
