/** One run: rates and latencies, and what one application cost in it. */
export interface Measured {
  readonly applications: number;
  /** Beside them, ended without a verdict and signed anew: they are in the costs of the others. */
  readonly unfinished: number;
  readonly perSecond: number;
  /** From the submission to the verdict; ms. */
  readonly latencyP50: number;
  readonly latencyP99: number;
  /** Processor time of each process, of all of them, and of the simulator with the citizens; ms an application. */
  readonly cpu: Readonly<Record<string, number>>;
  readonly cpuMillis: number;
  readonly driverMillis: number;
  /** Resident memory of all processes together, every two seconds; octets. */
  readonly memory: readonly number[];
  readonly rows: number;
  readonly bytes: number;
  readonly jobs: number;
  readonly requests: number;
  /** Commits that waited for the disk. */
  readonly commits: number;
  readonly statements: number;
  /** Times that PostgreSQL was asked. */
  readonly roundTrips: number;
  /** The database's own: PostgreSQL's processes, or the time inside SQLite without its commits (a part of `cpuMillis`); ms. */
  readonly databaseMillis: number;
  /** As Redis counts them, those of its scripts included. */
  readonly redisCommands: number;
  /** As our processes sent them. */
  readonly redisCalls: number;
}

/** Processor time of each process in each phase; ms an application. */
export type Phases = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** All runs of one engine. */
export interface Contender {
  readonly name: string;
  readonly engine: 'sqlite' | 'postgres';
  /** Citizens at once. */
  readonly width: number;
  readonly loaded: Measured;
  readonly phases: Phases;
  /** Documents of so many octets more. */
  readonly larger: readonly (Measured & { readonly octets: number })[];
  /** Median time before each step; ms. */
  readonly steps: Readonly<Record<string, number>>;
  readonly paced: Measured;
  readonly stored: readonly (Measured & { readonly filled: number })[];
}

/** What one application costs at the other commit and here, and how many times the one the other is. */
export interface Compared {
  /** Processor time of our roles here by that of the base. */
  readonly ratio: number;
  /** The same of what the database itself used. */
  readonly databaseRatio: number;
  readonly base: Measured;
  readonly change: Measured;
  readonly phases: { readonly base: Phases; readonly change: Phases };
  readonly sizes: readonly ComparedSize[];
}

/** An application whose document has so many octets more. */
export interface ComparedSize {
  readonly octets: number;
  readonly ratio: number;
  /** Processor time by that of the smallest document, at the same commit. */
  readonly ofSmallest: { readonly base: number; readonly change: number };
  readonly base: Measured;
  readonly change: Measured;
}

/** The mean of equal rounds of one program. */
export function meanOf(rounds: readonly Measured[]): Measured | undefined {
  const [first] = rounds;
  if (first === undefined) return undefined;
  const mean = (of: (one: Measured) => number) =>
    rounds.reduce((sum, one) => sum + of(one), 0) / rounds.length;
  return {
    applications: rounds.reduce((sum, one) => sum + one.applications, 0),
    unfinished: rounds.reduce((sum, one) => sum + one.unfinished, 0),
    perSecond: mean((one) => one.perSecond),
    latencyP50: mean((one) => one.latencyP50),
    latencyP99: mean((one) => one.latencyP99),
    cpu: Object.fromEntries(Object.keys(first.cpu).map((name) => [name, mean((one) => one.cpu[name] ?? 0)])),
    cpuMillis: mean((one) => one.cpuMillis),
    driverMillis: mean((one) => one.driverMillis),
    memory: rounds.flatMap((one) => one.memory),
    rows: mean((one) => one.rows),
    bytes: mean((one) => one.bytes),
    jobs: mean((one) => one.jobs),
    requests: mean((one) => one.requests),
    commits: mean((one) => one.commits),
    statements: mean((one) => one.statements),
    roundTrips: mean((one) => one.roundTrips),
    databaseMillis: mean((one) => one.databaseMillis),
    redisCommands: mean((one) => one.redisCommands),
    redisCalls: mean((one) => one.redisCalls),
  };
}
