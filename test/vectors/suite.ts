export interface CaseNote {
  readonly case: string;
  readonly reason: string;
}

export interface SuiteResult {
  readonly passed: number;
  /** Cases that came out wrong: any makes the run fail. */
  readonly failed: readonly CaseNote[];
  /** Cases out of scope, each with the reason; never silently skipped. */
  readonly listed: readonly CaseNote[];
}

/** One set of published vectors. */
export interface Suite {
  readonly name: string;
  /** Folder of the vectors below the directory given on the command line. */
  readonly folder: string;
  run(directory: string): SuiteResult | Promise<SuiteResult>;
}
