/** What one application cost, at one size of document; each process by its name, for example `sp serve`. */
export interface MeasuredSize {
  /** Of the document, beside the hundred octets that the smallest has. */
  readonly octets: number;
  readonly applications: number;
  readonly perSecond: number;
  readonly processMillis: Readonly<Record<string, number>>;
  readonly databaseMillis: number;
  /** What citizens and the simulated service took on the same machine. */
  readonly driverMillis: number;
  readonly storedOctets: number;
  readonly commits: number;
  readonly statements: number;
  readonly redisCalls: number;
  /** The most that all processes of the run held together. */
  readonly residentOctets: number;
}

export interface MeasuredCosts {
  readonly machine: {
    readonly node: string;
    readonly cpu: string;
    readonly cores: number;
    readonly memory: number;
    readonly date: string;
  };
  readonly sqlite: readonly MeasuredSize[];
  readonly postgres: readonly MeasuredSize[];
}

interface ApplicationCost {
  readonly processMillis: Readonly<Record<string, number>>;
  readonly databaseMillis: number;
  readonly storedOctets: number;
  readonly commits: number;
  readonly statements: number;
  readonly redisCalls: number;
  readonly residentOctets: number;
}

/**
 * A fixed part and one for each octet of the document, of all that was measured; the smallest relative error at the
 * measured sizes.
 */
export function costOf(sizes: readonly MeasuredSize[], octets: number): ApplicationCost {
  const at = (of: (size: MeasuredSize) => number) => line(sizes, of)(octets);
  const names = Object.keys(sizes[0]?.processMillis ?? {});
  return {
    processMillis: Object.fromEntries(
      names.map((name) => [name, at(({ processMillis }) => processMillis[name] ?? 0)]),
    ),
    databaseMillis: at(({ databaseMillis }) => databaseMillis),
    storedOctets: at(({ storedOctets }) => storedOctets),
    commits: at(({ commits }) => commits),
    statements: at(({ statements }) => statements),
    redisCalls: at(({ redisCalls }) => redisCalls),
    residentOctets: at(({ residentOctets }) => residentOctets),
  };
}

/** Least squares, each deviation by the square of what was measured; never below nothing. */
function line(
  sizes: readonly MeasuredSize[],
  of: (size: MeasuredSize) => number,
): (octets: number) => number {
  const points = sizes.map((size) => ({ x: size.octets, y: of(size) })).filter(({ y }) => y > 0);
  const sum = (term: (x: number, y: number) => number) =>
    points.reduce((total, { x, y }) => total + term(x, y) / (y * y), 0);
  const [weight, x, y] = [sum(() => 1), sum((a) => a), sum((_, b) => b)];
  const [xx, xy] = [sum((a) => a * a), sum((a, b) => a * b)];
  const spread = weight * xx - x * x;
  if (points.length === 0) return () => 0;
  if (spread <= 0) return () => y / weight;
  const slope = (weight * xy - x * y) / spread;
  const fixed = (y - slope * x) / weight;
  return (octets) => Math.max(0, fixed + slope * octets);
}

export interface Wish {
  /** Applications a second at the peak, and in a month. */
  readonly peak: number;
  readonly month: number;
  readonly octets: number;
  readonly store: 'postgres' | 'sqlite';
  /** How much of a processor may be busy at the peak; 0 to 1. */
  readonly busy: number;
  /** Processes of a kind at least: two, so that one may be away. */
  readonly least: number;
  /** Months that what is stored is kept. */
  readonly kept: number;
}

/** Calls to the service for one signature: start, exchange of the code, result. */
const SERVICE_CALLS = 3;
/** The guard spaces calls by so much more than the rate (service-guard.ts). */
const SPACED = 1.1;
/** Connections to PostgreSQL that a process holds (postgres-room.ts). */
const CONNECTIONS = 10;
/** Those held together by the four processes that were measured. */
const MEASURED_PROCESSES = 4;

export interface Capacity {
  readonly wish: Wish;
  readonly processes: readonly {
    readonly name: string;
    readonly cores: number;
    readonly processes: number;
    readonly memory: number;
  }[];
  readonly database: {
    readonly cores: number;
    readonly commits: number;
    readonly statements: number;
    readonly connections: number;
  };
  readonly redis: { readonly calls: number };
  readonly storage: { readonly month: number; readonly kept: number };
  readonly service: { readonly calls: number; readonly rate: number };
  /** All cores at the wished busyness, and what they would carry at it. */
  readonly cores: number;
  readonly carries: number;
}

/** What carries the wish, by what this build was measured to cost. */
export function capacityFor(sizes: readonly MeasuredSize[], wish: Wish): Capacity {
  const cost = costOf(sizes, wish.octets);
  const cores = (millis: number) => (wish.peak * millis) / 1_000 / wish.busy;
  const memory = cost.residentOctets / MEASURED_PROCESSES;
  const processes = Object.entries(cost.processMillis).map(([name, millis]) => {
    const needed = cores(millis);
    return { name, cores: needed, processes: Math.max(wish.least, Math.ceil(needed)), memory };
  });
  const all = processes.reduce((sum, one) => sum + one.processes, 0);
  const database = cores(cost.databaseMillis);
  // the embedded store works inside the processes, and its time is a part of theirs
  const apart = wish.store === 'postgres' ? database : 0;
  const total = processes.reduce((sum, one) => sum + one.cores, 0) + apart;
  const calls = wish.peak * SERVICE_CALLS;
  return {
    wish,
    processes,
    database: {
      cores: database,
      commits: wish.peak * cost.commits,
      statements: wish.peak * cost.statements,
      connections: wish.store === 'postgres' ? all * CONNECTIONS : 0,
    },
    redis: { calls: wish.peak * cost.redisCalls },
    storage: {
      month: wish.month * cost.storedOctets,
      kept: wish.month * cost.storedOctets * wish.kept,
    },
    service: { calls, rate: Math.ceil(calls * SPACED) },
    cores: total,
    carries: carriedBy(processes, wish.peak),
  };
}

/** Applications a second until the first kind of process has no more. */
function carriedBy(processes: Capacity['processes'], peak: number): number {
  return Math.min(...processes.map((one) => (peak * one.processes) / Math.max(one.cores, Number.EPSILON)));
}
