import { percentile } from '../faults/support/fault-settings.ts';
import { type FaultWorld, type FaultWorldOptions, startFaultWorld } from '../faults/support/fault-world.ts';
import { readStored } from '../faults/support/invariants.ts';
import type { Bench } from './bench.ts';
import { barePartsOf } from './support/pipeline-bare-parts.ts';
import { comparison } from './support/pipeline-compare.ts';
import { fill } from './support/pipeline-place.ts';
import { printBareParts, printContender, printPhases } from './support/pipeline-print.ts';
import type { Contender } from './support/pipeline-results.ts';
import { measured, phasesOf, run, runPaced, WIDTH } from './support/pipeline-run.ts';
import { type BenchServers, openBenchServers } from './support/pipeline-servers.ts';

/** Until the engine has compiled what is hot: a request costs less than half of what the first thousand cost. */
const WARM_UP = 1_000;
/** After so many rows were written at once: until the pages in use are in the caches again. */
const FILLED_WARM_UP = 300;

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
  if (compare !== undefined) return comparison(compare, { ...sizes, rounds }, only);
  const parts = await barePartsOf(quick ? 500 : 3_000);
  printBareParts(parts);
  const results: Contender[] = [];
  const keep = (contender: Contender) => {
    printContender(contender, parts);
    results.push(contender);
  };
  if (only !== 'servers') keep(await contend('embedded (SQLite)', undefined, sizes));
  const servers = only === 'sqlite' ? undefined : await openBenchServers();
  if (servers !== undefined) {
    try {
      keep(await contend('PostgreSQL + Redis', servers, sizes));
    } finally {
      await servers.close();
    }
  }
  return { sizes, results, parts };
};

async function contend(name: string, servers: BenchServers | undefined, sizes: Sizes): Promise<Contender> {
  const env = { JITSUIN_SERVICE_RATE: '1000', JITSUIN_TENANT_RATE: '0' };
  const options: FaultWorldOptions = servers?.options ?? { servers: 'none' };
  const world = await startFaultWorld({ ...options, env });
  try {
    await run(world, sizes.warmUp);
    const loaded = await measured(world, servers, () => run(world, sizes.applications));
    const phases = await phasesOf(world, sizes.paced);
    printPhases({ here: phases });
    const larger = [];
    for (const octets of [100_000, 1_000_000]) {
      const some = Math.max(8, Math.ceil(sizes.paced / 4));
      larger.push({ octets, ...(await measured(world, servers, () => run(world, some, octets))) });
    }
    const steps = stepTimes(world);
    const pause = (2 * 1_000) / loaded.perSecond;
    const paced = await measured(world, servers, () => runPaced(world, sizes.paced, pause));
    const stored = [];
    for (const rows of sizes.stored) {
      fill(world.place, rows);
      await run(world, FILLED_WARM_UP);
      stored.push({ filled: rows, ...(await measured(world, servers, () => run(world, sizes.paced))) });
    }
    const engine = servers === undefined ? ('sqlite' as const) : ('postgres' as const);
    return { name, engine, width: WIDTH, loaded, phases, larger, steps, paced, stored };
  } finally {
    await world.close();
  }
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
