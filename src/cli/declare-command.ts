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
    usage: usageOf(declaration),
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

const WIDTH = 120;

function usageOf(declaration: CommandDeclaration<OptionDeclarations>): string {
  const { name, operands, options, about, more, settings } = declaration;
  const words = Object.entries(options).map(([option, declared]) => inLine(option, declared));
  const line = ['Usage: jitsuin', name, ...(operands === undefined ? [] : [operands]), ...words];
  const heads = Object.entries(options).map(([option, declared]) => headOf(option, declared));
  const width = Math.min(26, Math.max(0, ...heads.map((head) => head.length)));
  const lines = Object.values(options).map((declared, index) =>
    optionLine(heads[index] ?? '', declared, width),
  );
  return [
    // the program of one role is called by a longer name
    wrapped(line, '       ', '-gov'.length),
    paragraphs(about),
    ...(lines.length === 0 ? [] : [lines.join('\n')]),
    ...(more === undefined ? [] : [paragraphs(more)]),
    ...(settings === undefined ? [] : [settings]),
  ].join('\n\n');
}

/** For example `--out FILE` or `--role sp|gov|pf`. */
export function headOf(option: string, { value, oneOf }: OptionDeclaration): string {
  const shown = value ?? oneOf?.join('|');
  return shown === undefined ? `--${option}` : `--${option} ${shown}`;
}

/** Its meaning, with the values where they do not stand beside the name. */
export function meaningOf({ means, value, oneOf }: OptionDeclaration): string {
  return value === undefined || oneOf === undefined ? means : `${means}: ${oneOf.join(', ')}`;
}

function inLine(option: string, declared: OptionDeclaration): string {
  const head = `${headOf(option, declared)}${declared.multiple === true ? '…' : ''}`;
  return declared.needed === true ? head : `[${head}]`;
}

function optionLine(head: string, declared: OptionDeclaration, width: number): string {
  const standard = declared.default === undefined ? '' : ` (default: ${declared.default})`;
  const text = `${meaningOf(declared)}${standard}`;
  const indent = ' '.repeat(width + 4);
  const first = head.length > width ? `  ${head}\n${indent}` : `  ${head.padEnd(width)}  `;
  return `${first}${wrapped(text.split(' '), indent, width + 4)}`;
}

/** Paragraphs, and items of a list, in lines of our width, however the source breaks them. */
function paragraphs(text: string): string {
  const parts = text.split(/\n(?=\n|- )/);
  return parts
    .map((part) => (part.startsWith('\n') ? `\n${filled(part.slice(1))}` : filled(part)))
    .join('\n');
}

function filled(part: string): string {
  return wrapped(part.split(/\s+/), part.startsWith('- ') ? '  ' : '');
}

/** Words in lines of at most `WIDTH`, the later ones indented. `taken`: what of the first line is taken. */
function wrapped(words: readonly string[], indent: string, taken = 0): string {
  let column = taken;
  let text = '';
  for (const word of words) {
    if (text !== '' && column + 1 + word.length > WIDTH) {
      text += `\n${indent}${word}`;
      column = indent.length + word.length;
    } else {
      text += text === '' ? word : ` ${word}`;
      column += word.length + (text === word ? 0 : 1);
    }
  }
  return text;
}
