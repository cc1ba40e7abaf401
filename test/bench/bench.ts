export interface BenchOptions {
  readonly rounds: number;
  /** Smaller documents only. */
  readonly quick: boolean;
  /** A commit whose build is measured in the same run, in turns with this one. */
  readonly compare?: string;
}

/** A benchmark prints its own table and returns what is to be kept. */
export type Bench = (options: BenchOptions) => Promise<unknown>;
