/** 0 done or valid, 1 invalid, 2 wrong use, 3 could not be decided, 4 evidence that was altered. */
export type ExitStatus = 0 | 1 | 2 | 3 | 4;

export interface CommandIo {
  stdout(text: string): void;
  stderr(text: string): void;
  /** A person watches: progress may be drawn. */
  readonly isTty: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Which line of the `--env-file` a variable comes from; one that is not named comes from the environment. */
  readonly origins?: ReadonlyMap<string, string>;
  /** The file given with `--env-file`. */
  readonly envFile?: string;
  /** Aborted by SIGINT or SIGTERM: long-running commands drain and return. */
  readonly signal: AbortSignal;
}

/** One command of `jitsuin`, one file per command under src/cli. */
export interface Command {
  /** For example `verify` or `pf keygen`. */
  readonly name: string;
  /** The full text of `--help`. */
  readonly usage: string;
  /** Its options by name, without dashes. */
  readonly options?: Readonly<Record<string, object>>;
  run(args: readonly string[], io: CommandIo): Promise<ExitStatus>;
}

/** A command as a program lists it. */
export interface CommandEntry {
  /** That of the command. */
  readonly name: string;
  /** One line for the overview. */
  readonly summary: string;
  /** What the command needs is loaded when it is asked for, and not before. */
  load(): Promise<Command>;
}

/** Thrown for wrong use: `main` prints the message with a pointer to `--help` and exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
