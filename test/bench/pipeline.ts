import { Redis } from 'ioredis';
import { Walk } from '../faults/support/citizen-walk.ts';
import { percentile } from '../faults/support/fault-settings.ts';
import { type FaultWorld, startFaultWorld } from '../faults/support/fault-world.ts';
import { readStored } from '../faults/support/invariants.ts';
import { canRunRedis, makeOwnRedis, type OwnRedis } from '../faults/support/servers.ts';
import { serverReachable, TEST_DATABASE_URL } from '../support/servers.ts';
import type { Bench } from './bench.ts';
import { bareJobs, bareRoute, inParallel } from './support/anchors.ts';
import { fill, keptIn } from './support/pipeline-place.ts';
import { usageOf } from './support/pipeline-usage.ts';

const WIDTH = 8;
const WARM_UP = 64;
/** A citizen's page looks that often; ms. */
const POLL = 500;
/** Of each application: calls that a role answers over HTTP (API, pages, callback, hand-off) and jobs of its workers. */
const REQUESTS = 9;
const JOBS = 4;

interface Sizes {
  readonly applications: number;
  readonly paced: number;
  readonly stored: readonly number[];
}

/** `JITSUIN_BENCH=long`: what one night allows. */
function sizesOf(quick: boolean): Sizes {
  if (process.env['JITSUIN_BENCH'] === 'long')
    return { applications: 100_000, paced: 2_000, stored: [1_000, 10_000, 100_000, 1_000_000] };
  if (quick) return { applications: 32, paced: 16, stored: [1_000] };
  return { applications: 128, paced: 48, stored: [1_000, 10_000, 100_000] };
}

/**
 * Applications from submission to verdict: sp and pf with their workers as four processes, the simulator and the citizens in
 * this one, on whatever cores there are. Processor time tells what the roles cost on a machine that does other things too. Beside
 * it, in the same run, an Express route and a BullMQ job that do nothing. Loopback only, bounded.
 */
export const bench: Bench = async ({ quick }) => {
  const sizes = sizesOf(quick);
  const anchors = await anchorsOf(quick);
  const results = [await contend('embedded (SQLite)', { servers: 'none' }, undefined, sizes)];
  const half = 'the pipeline on PostgreSQL and Redis';
  if (canRunRedis() && (await serverReachable(TEST_DATABASE_URL, half))) {
    const redis = await makeOwnRedis();
    try {
      const options = { servers: 'both', redisUrl: redis.url } as const;
      results.push(await contend('PostgreSQL + Redis', options, redis, sizes));
    } finally {
      await redis.close();
    }
  }
  print(results, anchors);
  return { sizes, results, anchors };
};

type Options = Parameters<typeof startFaultWorld>[0];

async function contend(name: string, options: Options, redis: OwnRedis | undefined, sizes: Sizes) {
  const env = { JITSUIN_SERVICE_RATE: '1000', JITSUIN_TENANT_RATE: '0' };
  const world = await startFaultWorld({ ...options, env });
  try {
    await run(world, WARM_UP);
    const loaded = await measured(world, redis, () => run(world, sizes.applications));
    const steps = stepTimes(world);
    const pause = (2 * 1_000) / loaded.perSecond;
    const paced = await measured(world, redis, () => runPaced(world, sizes.paced, pause));
    const stored = [];
    for (const rows of sizes.stored) {
      fill(world.place, rows);
      await run(world, WIDTH);
      stored.push({ filled: rows, ...(await measured(world, redis, () => run(world, sizes.paced))) });
    }
    return { name, loaded, steps, paced, stored };
  } finally {
    await world.close();
  }
}

async function run(world: FaultWorld, applications: number): Promise<readonly number[]> {
  const latencies: number[] = [];
  for (const tap of [world.serviceTap, world.pfTap]) tap.seen.length = 0;
  await inParallel(applications, WIDTH, async () => void latencies.push(await oneApplication(world)));
  return latencies;
}

async function runPaced(world: FaultWorld, applications: number, pause: number): Promise<readonly number[]> {
  const started = performance.now();
  const one = async (n: number) => {
    const wait = started + n * pause - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    return oneApplication(world);
  };
  return Promise.all(Array.from({ length: applications }, (_, n) => one(n)));
}

/** Milliseconds from the submission to the verdict, seen by polling. */
async function oneApplication(world: FaultWorld): Promise<number> {
  const started = performance.now();
  const walk = new Walk({ sp: world.sp, advance: async () => undefined, pause: POLL });
  await walk.signed();
  const state = await walk.end(600_000);
  if (state !== 'decided') throw new Error(`An application ended ${state}.`);
  return performance.now() - started;
}

async function measured(
  world: FaultWorld,
  redis: OwnRedis | undefined,
  act: () => Promise<readonly number[]>,
) {
  const look = async () => ({
    ...{ kept: keptIn(world.place), usage: await usageOf(world), commands: await commandsOf(redis) },
  });
  const before = await look();
  const started = performance.now();
  const latencies = await act();
  const millis = performance.now() - started;
  const after = await look();
  const count = latencies.length;
  const cpu = Object.fromEntries(
    world.names.map((name) => [name, ((after.usage.cpu[name] ?? 0) - (before.usage.cpu[name] ?? 0)) / count]),
  );
  const grown = world.names.map((name) => (after.usage.memory[name] ?? 0) - (before.usage.memory[name] ?? 0));
  return {
    applications: count,
    perSecond: (count * 1_000) / millis,
    ...{ latencyP50: percentile(latencies, 0.5), latencyP99: percentile(latencies, 0.99) },
    cpu,
    cpuMillis: Object.values(cpu).reduce((sum, each) => sum + each, 0),
    memoryGrown: grown.reduce((sum, octets) => sum + octets, 0),
    rows: (after.kept.rows - before.kept.rows) / count,
    bytes: (after.kept.bytes - before.kept.bytes) / count,
    statements: (after.usage.statements - before.usage.statements) / count,
    redisCommands: (after.commands - before.commands) / count,
  };
}

/** Without the questions of this bench, which are few. */
async function commandsOf(redis: OwnRedis | undefined): Promise<number> {
  if (redis === undefined) return 0;
  const client = new Redis(redis.url);
  const info = await client.info('stats');
  client.disconnect();
  return Number(/^total_commands_processed:(\d+)/m.exec(info)?.[1]);
}

/** Median time before each step of an application, from its audit records; ms. */
function stepTimes(world: FaultWorld): Readonly<Record<string, number>> {
  const times = new Map<string, number[]>();
  const last = new Map<string, number>();
  for (const { subject, event, at } of readStored(world.place).audit.party) {
    const before = last.get(subject);
    last.set(subject, at);
    if (before !== undefined) times.set(event, [...(times.get(event) ?? []), at - before]);
  }
  return Object.fromEntries([...times].map(([event, all]) => [event, percentile(all, 0.5)]));
}

async function anchorsOf(quick: boolean) {
  const count = quick ? 500 : 3_000;
  const cpuOf = async (act: () => Promise<number>) => {
    const before = process.cpuUsage();
    const perSecond = await act();
    const { user, system } = process.cpuUsage(before);
    return { perSecond, cpuMillis: (user + system) / 1_000 / count };
  };
  const route = await cpuOf(() => bareRoute(count));
  if (!canRunRedis()) return { route };
  const redis = await makeOwnRedis();
  try {
    return { route, job: await cpuOf(() => bareJobs(redis.url, count)) };
  } finally {
    await redis.close();
  }
}

type Results = readonly Awaited<ReturnType<typeof contend>>[];

function print(results: Results, anchors: Awaited<ReturnType<typeof anchorsOf>>): void {
  const fixed = (value: number, digits = 0) => value.toFixed(digits);
  for (const { name, loaded, paced, steps, stored } of results) {
    console.log(
      `${name}: ${fixed(loaded.perSecond, 1)} applications/s (${loaded.applications}, ${WIDTH} citizens at once), ` +
        `p50 ${fixed(loaded.latencyP50)} ms p99 ${fixed(loaded.latencyP99)} ms`,
    );
    console.log(`  half load: p50 ${fixed(paced.latencyP50)} ms p99 ${fixed(paced.latencyP99)} ms`);
    const cpu = Object.entries(loaded.cpu).map(([process, millis]) => `${process} ${fixed(millis, 1)}`);
    console.log(`  processor time ${fixed(loaded.cpuMillis, 1)} ms each: ${cpu.join(', ')}`);
    console.log(
      `  each: ${fixed(loaded.rows, 1)} rows, ${fixed(loaded.bytes / 1024, 1)} KiB, ${fixed(loaded.statements)} SQL statements, ` +
        `${fixed(loaded.redisCommands)} Redis commands; memory of all processes grew by ${fixed(loaded.memoryGrown / 2 ** 20, 1)} MiB`,
    );
    for (const [event, millis] of Object.entries(steps))
      console.log(`  before ${event.padEnd(36)} ${fixed(millis)} ms`);
    for (const at of stored)
      console.log(
        `  ${String(at.filled).padStart(8)} stored: ${fixed(at.perSecond, 1)}/s, processor time ${fixed(at.cpuMillis, 1)} ms, ` +
          `p50 ${fixed(at.latencyP50)} ms, ${fixed(at.statements)} SQL statements, ${fixed(at.redisCommands)} Redis commands`,
      );
  }
  for (const [name, { perSecond, cpuMillis }] of Object.entries(anchors))
    console.log(`nothing but a ${name}: ${fixed(perSecond)}/s, processor time ${fixed(cpuMillis, 3)} ms`);
  const floor = REQUESTS * anchors.route.cpuMillis + JOBS * (anchors.job?.cpuMillis ?? 0);
  console.log(
    `${REQUESTS} routes and ${JOBS} jobs that do nothing: ${fixed(floor, 1)} ms; ` +
      results.map(({ name, loaded }) => `${name} ${fixed((100 * floor) / loaded.cpuMillis)} %`).join(', '),
  );
}
