import type { Language } from './language.ts';

/** 0 done or valid, 1 proved wrong or refused, 2 wrong use, 3 could not be decided, 4 evidence that was altered. */
export type ExitStatus = 0 | 1 | 2 | 3 | 4;

export interface CommandIo {
  stdout(text: string): void;
  /** Waits until a slow reader of standard output has caught up; for commands that print without end. */
  drained?(): Promise<unknown>;
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
  readonly declared: DeclaredUsage;
  run(args: readonly string[], io: CommandIo): Promise<ExitStatus>;
}

/** One option of a command, said once: parsing, `--help` and the guide's table come from it. */
export interface OptionDeclaration {
  readonly type: 'string' | 'boolean';
  /** What stands for the value, for example `FILE`; switches have none. */
  readonly value?: string;
  /** Every value that it takes; shown in the place of `value` unless that is declared too. */
  readonly oneOf?: readonly string[];
  /** May be given several times. */
  readonly multiple?: true;
  readonly default?: string;
  /** Without it the command is refused; in the line of usage it stands without brackets. */
  readonly needed?: true;
  /** Says whose store, console or settings are meant: the program of one role says it by itself. */
  readonly whose?: true;
  readonly means: string;
}

export interface DeclaredUsage {
  /** What stands after the name without an option's name, for example `FILE…`; absent: nothing may. */
  readonly operands?: string;
  /** What the command does, in sentences. */
  readonly about: string;
  readonly options: Readonly<Record<string, OptionDeclaration>>;
  /** What stands under the options. */
  readonly more?: string | undefined;
  /** The settings that it reads, for `--help`; the pages of all settings have them too. */
  readonly settings?: (language: Language) => string;
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

/** What a program has for a role. @throws UsageError for a role that is none of it */
export function partOf<Part>(parts: Readonly<Record<string, Part>>, role: string): Part {
  const part = Object.hasOwn(parts, role) ? parts[role] : undefined;
  if (part !== undefined) return part;
  throw new UsageError(`--role must be one of ${Object.keys(parts).join(', ')}, not "${role}".`);
}
