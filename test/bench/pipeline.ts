import { Redis } from 'ioredis';
import { Walk } from '../faults/support/citizen-walk.ts';
import { percentile } from '../faults/support/fault-settings.ts';
import { type FaultWorld, startFaultWorld } from '../faults/support/fault-world.ts';
import { readStored } from '../faults/support/invariants.ts';
import { canRunRedis, makeOwnRedis, type OwnRedis } from '../faults/support/servers.ts';
import { serverReachable, TEST_DATABASE_URL } from '../support/servers.ts';
import type { Bench } from './bench.ts';
import { inParallel } from './support/anchors.ts';
import { buildCommit } from './support/other-commit.ts';
import { barePartsOf } from './support/pipeline-bare-parts.ts';
import { fill, keptIn } from './support/pipeline-place.ts';
import { printBareParts, printCompared, printContender } from './support/pipeline-print.ts';
import { type Contender, type Measured, meanOf } from './support/pipeline-results.ts';
import { memoryOf, usageOf } from './support/pipeline-usage.ts';

/** Enough that no process of the pipeline waits for them. */
const WIDTH = 48;
/** Until the engine has compiled what is hot: a request costs less than half of what the first thousand cost. */
const WARM_UP = 1_000;
/** After so many rows were written at once: until the pages in use are in the caches again. */
const FILLED_WARM_UP = 300;
/** A long run says how far it is. */
const TOLD_EVERY = 10_000;
/** A citizen's page looks that often; ms. */
const POLL = 500;

interface Sizes {
  readonly warmUp: number;
  readonly applications: number;
  readonly paced: number;
  readonly stored: readonly number[];
}

/** `JITSUIN_BENCH=long`: what one night allows. `JITSUIN_BENCH_APPLICATIONS=N`: a loaded run of so many, and no fuller stores after it. */
function sizesOf(quick: boolean): Sizes {
  const asked = Number(process.env['JITSUIN_BENCH_APPLICATIONS'] ?? 0);
  const sizes = presetOf(quick);
  return asked > 0 ? { ...sizes, applications: asked, stored: [] } : sizes;
}

function presetOf(quick: boolean): Sizes {
  if (process.env['JITSUIN_BENCH'] === 'long')
    return {
      warmUp: WARM_UP,
      applications: 100_000,
      paced: 2_000,
      stored: [1_000, 10_000, 100_000, 1_000_000],
    };
  if (quick) return { warmUp: 64, applications: 48, paced: 24, stored: [1_000] };
  return { warmUp: WARM_UP, applications: 1_000, paced: 120, stored: [1_000, 10_000, 100_000, 1_000_000] };
}

/**
 * Applications from submission to verdict: sp and pf with their workers as four processes, the simulator and the citizens in
 * this one, on whatever cores there are. Beside it, in the same run, the parts that no implementation can leave out, each alone:
 * an Express route, a BullMQ job and a durable commit that do nothing else, and a signature at the simulated service with its
 * citizen. Loopback only, bounded.
 * `JITSUIN_BENCH_ENGINE=sqlite` or `servers`: only that one.
 */
export const bench: Bench = async ({ quick, compare, rounds }) => {
  const sizes = sizesOf(quick);
  const only = process.env['JITSUIN_BENCH_ENGINE'];
  if (compare !== undefined) return comparison(compare, sizes, rounds, only);
  const parts = await barePartsOf(quick ? 500 : 3_000);
  printBareParts(parts);
  const results: Contender[] = [];
  const keep = (contender: Contender) => {
    printContender(contender, parts);
    results.push(contender);
  };
  if (only !== 'servers') keep(await contend('embedded (SQLite)', { servers: 'none' }, undefined, sizes));
  const half = 'the pipeline on PostgreSQL and Redis';
  if (only !== 'sqlite' && canRunRedis() && (await serverReachable(TEST_DATABASE_URL, half))) {
    const redis = await makeOwnRedis();
    try {
      const options = { servers: 'both', redisUrl: redis.url } as const;
      keep(await contend('PostgreSQL + Redis', options, redis, sizes));
    } finally {
      await redis.close();
    }
  }
  return { sizes, results, parts };
};

type Options = Parameters<typeof startFaultWorld>[0];

/** What one application costs at the other commit and here, and how many times the one the other is. */
interface Compared {
  /** Processor time of our roles here by that of the base. */
  readonly ratio: number;
  readonly base: Measured;
  readonly change: Measured;
}

/** Both programs side by side, warmed up alike, then in turns, so that a load of the machine meets both. */
async function comparison(
  ref: string,
  sizes: Sizes,
  rounds: number,
  only: string | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const other = buildCommit(ref);
  try {
    const results: Record<string, unknown> = { base: other.commit, warmUp: sizes.warmUp };
    if (only !== 'servers')
      results['embedded'] = await compared(other.program, { servers: 'none' }, undefined, { sizes, rounds });
    const half = 'the comparison on PostgreSQL and Redis';
    if (only !== 'sqlite' && canRunRedis() && (await serverReachable(TEST_DATABASE_URL, half))) {
      const redis = await makeOwnRedis();
      try {
        const options = { servers: 'both', redisUrl: redis.url } as const;
        results['servers'] = await compared(other.program, options, redis, { sizes, rounds });
      } finally {
        await redis.close();
      }
    }
    return results;
  } finally {
    other.remove();
  }
}

async function compared(
  program: string,
  options: Options,
  redis: OwnRedis | undefined,
  { sizes, rounds }: { readonly sizes: Sizes; readonly rounds: number },
): Promise<Compared> {
  const env = { JITSUIN_SERVICE_RATE: '1000', JITSUIN_TENANT_RATE: '0' };
  const base = await startFaultWorld({ ...options, env, program });
  const change = await startFaultWorld({ ...options, env });
  try {
    for (const world of [base, change]) await run(world, sizes.warmUp);
    const each = Math.max(1, Math.ceil(sizes.applications / rounds));
    const figures = new Map<FaultWorld, Measured[]>([
      [base, []],
      [change, []],
    ]);
    for (let round = 0; round < rounds; round += 1)
      for (const world of round % 2 === 0 ? [base, change] : [change, base])
        figures.get(world)?.push(await measured(world, redis, () => run(world, each)));
    const [before, after] = [base, change].map((world) => meanOf(figures.get(world) ?? []));
    if (before === undefined || after === undefined) throw new Error('nothing was measured');
    const ratio = after.cpuMillis / before.cpuMillis;
    const name = redis === undefined ? 'embedded' : 'PostgreSQL + Redis';
    printCompared(name, ratio, before, after);
    return { ratio, base: before, change: after };
  } finally {
    await base.close();
    await change.close();
  }
}

async function contend(
  name: string,
  options: Options,
  redis: OwnRedis | undefined,
  sizes: Sizes,
): Promise<Contender> {
  const env = { JITSUIN_SERVICE_RATE: '1000', JITSUIN_TENANT_RATE: '0' };
  const world = await startFaultWorld({ ...options, env });
  try {
    await run(world, sizes.warmUp);
    const loaded = await measured(world, redis, () => run(world, sizes.applications));
    const steps = stepTimes(world);
    const pause = (2 * 1_000) / loaded.perSecond;
    const paced = await measured(world, redis, () => runPaced(world, sizes.paced, pause));
    const stored = [];
    for (const rows of sizes.stored) {
      fill(world.place, rows);
      await run(world, FILLED_WARM_UP);
      stored.push({ filled: rows, ...(await measured(world, redis, () => run(world, sizes.paced))) });
    }
    const engine = options?.servers === 'both' ? ('postgres' as const) : ('sqlite' as const);
    return { name, engine, width: WIDTH, loaded, steps, paced, stored };
  } finally {
    await world.close();
  }
}

async function run(world: FaultWorld, applications: number): Promise<readonly number[]> {
  const latencies: number[] = [];
  await inParallel(applications, WIDTH, async () => {
    latencies.push(await oneApplication(world));
    // the taps remember what they saw, and this process would grow by it
    for (const tap of [world.serviceTap, world.pfTap]) tap.seen.length = 0;
    if (latencies.length % TOLD_EVERY === 0) tellMemory(world, latencies.length);
  });
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
): Promise<Measured> {
  const look = async () => ({
    ...{ kept: keptIn(world.place), usage: await usageOf(world), commands: await commandsOf(redis) },
  });
  const before = await look();
  const own = process.cpuUsage();
  const memory = watchMemory(world);
  const started = performance.now();
  const latencies = await act();
  const millis = performance.now() - started;
  const after = await look();
  const count = latencies.length;
  const { user, system } = process.cpuUsage(own);
  const cpu = Object.fromEntries(
    world.names.map((name) => [name, ((after.usage.cpu[name] ?? 0) - (before.usage.cpu[name] ?? 0)) / count]),
  );
  return {
    applications: count,
    perSecond: (count * 1_000) / millis,
    ...{ latencyP50: percentile(latencies, 0.5), latencyP99: percentile(latencies, 0.99) },
    cpu,
    cpuMillis: Object.values(cpu).reduce((sum, each) => sum + each, 0),
    driverMillis: (user + system) / 1_000 / count,
    memory: memory.end(),
    rows: (after.kept.rows - before.kept.rows) / count,
    bytes: (after.kept.bytes - before.kept.bytes) / count,
    jobs: (after.kept.jobs - before.kept.jobs) / count,
    requests: (after.usage.requests - before.usage.requests) / count,
    commits: (after.usage.durable - before.usage.durable) / count,
    statements: (after.usage.statements - before.usage.statements) / count,
    redisCommands: (after.commands - before.commands) / count,
  };
}

function tellMemory(world: FaultWorld, applications: number): void {
  const parts = Object.entries(memoryOf(world)).map(
    ([name, octets]) => `${name} ${Math.round(octets / 2 ** 20)}`,
  );
  console.log(`  after ${applications} applications, MiB: ${parts.join(', ')}`);
}

const MEMORY_MILLIS = 2_000;

/** Resident memory of all role processes together, looked at every two seconds; octets. */
function watchMemory(world: FaultWorld) {
  const seen: number[] = [];
  const look = () => seen.push(Object.values(memoryOf(world)).reduce((sum, each) => sum + each, 0));
  look();
  const timer = setInterval(look, MEMORY_MILLIS);
  return {
    end: () => {
      clearInterval(timer);
      look();
      return seen;
    },
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
    if (before === undefined) continue;
    const known = times.get(event);
    if (known === undefined) times.set(event, [at - before]);
    else known.push(at - before);
  }
  return Object.fromEntries([...times].map(([event, all]) => [event, percentile(all, 0.5)]));
}
