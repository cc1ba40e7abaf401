import { parseArgs } from 'node:util';
import {
  type Command,
  type CommandIo,
  type DeclaredUsage,
  type ExitStatus,
  type OptionDeclaration,
  UsageError,
} from './command.ts';

export type OptionDeclarations = Readonly<Record<string, OptionDeclaration>>;

type ValueOf<O extends OptionDeclaration> = O['type'] extends 'boolean'
  ? boolean
  : O extends { readonly multiple: true }
    ? readonly string[] | (O extends { readonly needed: true } ? never : undefined)
    : TextOf<O> | (O extends { readonly default: string } | { readonly needed: true } ? never : undefined);

type TextOf<O> = O extends { readonly oneOf: readonly (infer Text extends string)[] } ? Text : string;

/** What was given: switches that were not are false. */
export type Given<O extends OptionDeclarations> = { readonly [Name in keyof O]: ValueOf<O[Name]> };

interface CommandDeclaration<O extends OptionDeclarations> extends DeclaredUsage {
  readonly name: string;
  readonly options: O;
  run(given: Given<O>, operands: readonly string[], io: CommandIo): Promise<ExitStatus>;
}

/** A command of `jitsuin` from its declaration. */
export function declareCommand<const O extends OptionDeclarations>(
  declaration: CommandDeclaration<O>,
): Command {
  const { name, operands, options, run } = declaration;
  return {
    name,
    declared: declaration,
    run: (args, io) => {
      const parsed = parseArgs({
        args: [...args],
        options: Object.fromEntries(
          Object.entries(options).map(([option, { type, multiple = false }]) => [option, { type, multiple }]),
        ),
        allowPositionals: operands !== undefined,
      });
      return run(accepted(options, parsed.values), parsed.positionals, io);
    },
  };
}

/**
 * With defaults. @throws UsageError for a value that is none of those declared, and for a needed one that is
 * missing
 */
function accepted<O extends OptionDeclarations>(
  options: O,
  values: Readonly<Record<string, unknown>>,
): Given<O> {
  const given = Object.entries(options).map(([option, declared]) => {
    const value = values[option] ?? (declared.type === 'boolean' ? false : declared.default);
    expectAcceptable(option, declared, value);
    return [option, value];
  });
  return Object.fromEntries(given) as Given<O>;
}

function expectAcceptable(option: string, { oneOf, needed, means }: OptionDeclaration, value: unknown): void {
  if (value === undefined || value === false) {
    if (needed !== true) return;
    throw new UsageError(
      `--${option} is missing: ${oneOf === undefined ? means : `one of ${oneOf.join(', ')}`}.`,
    );
  }
  if (oneOf === undefined || oneOf.some((one) => one === value)) return;
  throw new UsageError(`--${option} must be one of ${oneOf.join(', ')}, not "${String(value)}".`);
}
