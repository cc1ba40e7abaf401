import { Walk } from '../../faults/support/citizen-walk.ts';
import { percentile } from '../../faults/support/fault-settings.ts';
import type { FaultWorld } from '../../faults/support/fault-world.ts';
import { inParallel } from './anchors.ts';
import { keptIn } from './pipeline-place.ts';
import type { Measured, Phases } from './pipeline-results.ts';
import type { BenchServers } from './pipeline-servers.ts';
import { memoryOf, type Usage, usageOf } from './pipeline-usage.ts';

/** Citizens at once (`JITSUIN_BENCH_CITIZENS`): enough that no process waits for them, where it has the machine alone. */
export const WIDTH = Number(process.env['JITSUIN_BENCH_CITIZENS'] ?? 48);
/** A long run says how far it is. */
const TOLD_EVERY = 10_000;
/** A citizen's page looks that often; ms. */
const POLL = 500;
const LONGEST_END = 600_000;

export function walkOf(world: FaultWorld, filling = 0): Walk {
  return new Walk({ sp: world.sp, advance: async () => undefined, pause: POLL, filling });
}

/** As many applications, WIDTH at once; gives the latency of each. */
export async function run(world: FaultWorld, applications: number, filling = 0): Promise<readonly number[]> {
  const latencies: number[] = [];
  await inParallel(applications, WIDTH, async () => {
    latencies.push(await oneApplication(world, filling));
    forget(world);
    if (latencies.length % TOLD_EVERY === 0) tellMemory(world, latencies.length);
  });
  return latencies;
}

export async function runPaced(
  world: FaultWorld,
  applications: number,
  pause: number,
): Promise<readonly number[]> {
  const started = performance.now();
  const one = async (n: number) => {
    const wait = started + n * pause - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    return oneApplication(world, 0);
  };
  return Promise.all(Array.from({ length: applications }, (_, n) => one(n)));
}

/** The taps remember what they saw, and this process would grow by it. */
function forget(world: FaultWorld): void {
  for (const tap of [world.serviceTap, world.pfTap]) tap.seen.length = 0;
}

/** Ends without a verdict: an answer of the service that came too late, on a machine with much else to do. */
const unfinished = new WeakMap<FaultWorld, number>();
/** So many applications in turn for one that is to be decided. */
const TRIES = 3;

/** Milliseconds from the submission to the verdict, seen by polling. */
async function oneApplication(world: FaultWorld, filling: number): Promise<number> {
  for (let left = TRIES; ; left -= 1) {
    const started = performance.now();
    const walk = walkOf(world, filling);
    await walk.signed();
    try {
      await expectDecided(walk);
      return performance.now() - started;
    } catch (thrown) {
      if (left === 1 || !(thrown instanceof OtherEnd)) throw thrown;
      unfinished.set(world, (unfinished.get(world) ?? 0) + 1);
      console.error(`  ${thrown.message} It is signed anew, and counted.`);
    }
  }
}

class OtherEnd extends Error {}

async function expectDecided(walk: Walk): Promise<void> {
  const state = await walk.end(LONGEST_END);
  if (state === 'decided') return;
  const { failure } = await walk.view();
  throw new OtherEnd(`An application ended ${state}: ${JSON.stringify(failure)}.`);
}

/**
 * What each process uses while all applications are submitted, then while all are signed, then until all are decided.
 * A worker begins with the first signature, so that the second phase holds a part of what it does for the third.
 */
export async function phasesOf(world: FaultWorld, applications: number): Promise<Phases> {
  const walks = Array.from({ length: applications }, () => walkOf(world));
  const all = (act: (walk: Walk) => Promise<void>) =>
    inParallel(applications, WIDTH, async (n) => {
      const walk = walks[n];
      if (walk !== undefined) await act(walk);
    });
  const parts: Readonly<Record<string, (walk: Walk) => Promise<void>>> = {
    submission: (walk) => walk.submit(),
    signature: (walk) => walk.sign(),
    'result and verdict': expectDecided,
  };
  const phases: Record<string, Readonly<Record<string, number>>> = {};
  for (const [name, act] of Object.entries(parts)) {
    const before = await usageOf(world);
    await all(act);
    phases[name] = cpuBetween(world, before, await usageOf(world), applications);
  }
  forget(world);
  return phases;
}

function cpuBetween(
  world: FaultWorld,
  before: Usage,
  after: Usage,
  count: number,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    world.names.map((name) => [name, ((after.cpu[name] ?? 0) - (before.cpu[name] ?? 0)) / count]),
  );
}

export async function measured(
  world: FaultWorld,
  servers: BenchServers | undefined,
  act: () => Promise<readonly number[]>,
): Promise<Measured> {
  const look = async () => ({
    kept: keptIn(world.place),
    usage: await usageOf(world),
    commands: (await servers?.redisCommands()) ?? 0,
    database: servers?.databaseMillis(),
  });
  const before = await look();
  const unfinishedBefore = unfinished.get(world) ?? 0;
  const own = process.cpuUsage();
  const memory = watchMemory(world);
  const started = performance.now();
  const latencies = await act();
  const millis = performance.now() - started;
  const after = await look();
  const count = latencies.length;
  const { user, system } = process.cpuUsage(own);
  const cpu = cpuBetween(world, before.usage, after.usage, count);
  const used = (of: (usage: Usage) => number) => (of(after.usage) - of(before.usage)) / count;
  const inSqlite = used((usage) => usage.sqliteMillis);
  return {
    applications: count,
    unfinished: (unfinished.get(world) ?? 0) - unfinishedBefore,
    perSecond: (count * 1_000) / millis,
    latencyP50: percentile(latencies, 0.5),
    latencyP99: percentile(latencies, 0.99),
    cpu,
    cpuMillis: Object.values(cpu).reduce((sum, each) => sum + each, 0),
    driverMillis: (user + system) / 1_000 / count,
    memory: memory.end(),
    rows: (after.kept.rows - before.kept.rows) / count,
    bytes: (after.kept.bytes - before.kept.bytes) / count,
    jobs: (after.kept.jobs - before.kept.jobs) / count,
    requests: used((usage) => usage.requests),
    commits: used((usage) => usage.durable),
    statements: used((usage) => usage.statements),
    roundTrips: used((usage) => usage.roundTrips),
    databaseMillis:
      after.database === undefined ? inSqlite : (after.database - (before.database ?? 0)) / count,
    redisCommands: (after.commands - before.commands) / count,
    redisCalls: used((usage) => usage.redisCalls),
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
