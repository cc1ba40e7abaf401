import { type FaultWorld, startFaultWorld } from '../../faults/support/fault-world.ts';
import { buildCommit, copyOfThis } from './other-commit.ts';
import { printCompared, printPhases, printSize } from './pipeline-print.ts';
import { type Compared, type ComparedSize, type Measured, meanOf } from './pipeline-results.ts';
import { measured, phasesOf, run } from './pipeline-run.ts';
import { type BenchServers, openBenchServers } from './pipeline-servers.ts';

/** Octets of the documents beside the smallest, of some 0.1 kB, and which part of its applications are made of each. */
const LARGER = [
  { octets: 100_000, part: 0.1 },
  { octets: 1_000_000, part: 0.05 },
];
const FEWEST = 8;

export interface CompareSizes {
  readonly warmUp: number;
  readonly applications: number;
  readonly rounds: number;
}

/** Variables of the relying party: nothing that a tenant may not do holds the run up. */
const ENV = { JITSUIN_SERVICE_RATE: '1000', JITSUIN_TENANT_RATE: '0' };

/** Both programs side by side, warmed up alike, then in turns, so that a load of the machine meets both. */
export async function comparison(
  ref: string,
  sizes: CompareSizes,
  only: string | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const here = copyOfThis();
  const other = buildCommit(ref);
  const programs = { base: other.program, change: here.program };
  try {
    const results: Record<string, unknown> = { base: other.commit, warmUp: sizes.warmUp };
    if (only !== 'servers') results['embedded'] = await compared(programs, undefined, sizes);
    const servers = only === 'sqlite' ? undefined : await openBenchServers();
    if (servers === undefined) return results;
    try {
      results['servers'] = await compared(programs, servers, sizes);
    } finally {
      await servers.close();
    }
    return results;
  } finally {
    here.remove();
    other.remove();
  }
}

interface Pair {
  readonly base: FaultWorld;
  readonly change: FaultWorld;
}

async function compared(
  programs: { readonly base: string; readonly change: string },
  servers: BenchServers | undefined,
  { warmUp, applications, rounds }: CompareSizes,
): Promise<Compared> {
  const options = { ...(servers?.options ?? { servers: 'none' as const }), env: ENV };
  const base = await startFaultWorld({ ...options, program: programs.base });
  const change = await startFaultWorld({ ...options, program: programs.change });
  const pair = { base, change };
  try {
    for (const world of [base, change]) await run(world, warmUp);
    const small = await inTurns(pair, servers, { applications, rounds, filling: 0 });
    const name = servers === undefined ? 'embedded' : 'PostgreSQL + Redis';
    const ratio = small.change.cpuMillis / small.base.cpuMillis;
    printCompared(name, ratio, small.base, small.change);
    const phased = Math.max(FEWEST, Math.ceil(applications / rounds));
    const phases = { base: await phasesOf(base, phased), change: await phasesOf(change, phased) };
    printPhases(phases);
    const sizes: ComparedSize[] = [];
    for (const { octets, part } of LARGER) {
      const some = Math.max(FEWEST, Math.ceil(applications * part));
      const figures = await inTurns(pair, servers, { applications: some, rounds: 2, filling: octets });
      const size = comparedSize(octets, small, figures);
      printSize(size);
      sizes.push(size);
    }
    const databaseRatio = small.change.databaseMillis / small.base.databaseMillis;
    return { ratio, databaseRatio, base: small.base, change: small.change, phases, sizes };
  } finally {
    await base.close();
    await change.close();
  }
}

interface Two {
  readonly base: Measured;
  readonly change: Measured;
}

function comparedSize(octets: number, small: Two, { base, change }: Two): ComparedSize {
  return {
    octets,
    ratio: change.cpuMillis / base.cpuMillis,
    ofSmallest: {
      base: base.cpuMillis / small.base.cpuMillis,
      change: change.cpuMillis / small.change.cpuMillis,
    },
    base,
    change,
  };
}

async function inTurns(
  { base, change }: Pair,
  servers: BenchServers | undefined,
  runs: { readonly applications: number; readonly rounds: number; readonly filling: number },
): Promise<Two> {
  const { applications, rounds, filling } = runs;
  const each = Math.max(1, Math.ceil(applications / rounds));
  const figures = { base: [] as Measured[], change: [] as Measured[] };
  for (let round = 0; round < rounds; round += 1) {
    const turns = [
      async () => figures.base.push(await measured(base, servers, () => run(base, each, filling))),
      async () => figures.change.push(await measured(change, servers, () => run(change, each, filling))),
    ];
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
  }
  const [before, after] = [meanOf(figures.base), meanOf(figures.change)];
  if (before === undefined || after === undefined) throw new Error('nothing was measured');
  return { base: before, change: after };
}
