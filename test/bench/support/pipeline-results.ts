/** One run: rates and latencies, and what one application cost in it. */
export interface Measured {
  readonly applications: number;
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
  readonly redisCommands: number;
}

/** All runs of one engine. */
export interface Contender {
  readonly name: string;
  readonly engine: 'sqlite' | 'postgres';
  /** Citizens at once. */
  readonly width: number;
  readonly loaded: Measured;
  /** Median time before each step; ms. */
  readonly steps: Readonly<Record<string, number>>;
  readonly paced: Measured;
  readonly stored: readonly (Measured & { readonly filled: number })[];
}
