import { parseArgs } from 'node:util';
import type { Command, CommandIo, DeclaredUsage, ExitStatus, OptionDeclaration } from './command.ts';

export type OptionDeclarations = Readonly<Record<string, OptionDeclaration>>;

type ValueOf<O extends OptionDeclaration> = O['type'] extends 'boolean'
  ? boolean
  : O extends { readonly multiple: true }
    ? readonly string[] | undefined
    : O extends { readonly default: string }
      ? string
      : string | undefined;

/** What was given: switches that were not are false. */
export type Given<O extends OptionDeclarations> = { readonly [Name in keyof O]: ValueOf<O[Name]> };

export interface CommandDeclaration<O extends OptionDeclarations> extends DeclaredUsage {
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
      return run(withDefaults(options, parsed.values), parsed.positionals, io);
    },
  };
}

function withDefaults<O extends OptionDeclarations>(
  options: O,
  values: Readonly<Record<string, unknown>>,
): Given<O> {
  const given = Object.entries(options).map(([option, declared]) => [
    option,
    values[option] ?? (declared.type === 'boolean' ? false : declared.default),
  ]);
  return Object.fromEntries(given) as Given<O>;
}

const WIDTH = 120;

function usageOf(declaration: CommandDeclaration<OptionDeclarations>): string {
  const { name, operands, options, about, more } = declaration;
  const words = Object.entries(options).map(([option, declared]) => inLine(option, declared));
  const line = ['Usage: jitsuin', name, ...(operands === undefined ? [] : [operands]), ...words];
  const heads = Object.entries(options).map(([option, { value }]) => headOf(option, value));
  const width = Math.min(26, Math.max(0, ...heads.map((head) => head.length)));
  const lines = Object.values(options).map((declared, index) =>
    optionLine(heads[index] ?? '', declared, width),
  );
  return [
    wrapped(line, '       '),
    about,
    ...(lines.length === 0 ? [] : [lines.join('\n')]),
    ...(more === undefined ? [] : [more]),
  ].join('\n\n');
}

function headOf(option: string, value: string | undefined): string {
  return value === undefined ? `--${option}` : `--${option} ${value}`;
}

function inLine(option: string, { value, needed, multiple }: OptionDeclaration): string {
  const head = `${headOf(option, value)}${multiple === true ? '…' : ''}`;
  return needed === true ? head : `[${head}]`;
}

function optionLine(head: string, declared: OptionDeclaration, width: number): string {
  const standard = declared.default === undefined ? '' : ` (default: ${declared.default})`;
  const text = `${declared.means}${standard}`;
  const indent = ' '.repeat(width + 4);
  const first = head.length > width ? `  ${head}\n${indent}` : `  ${head.padEnd(width)}  `;
  return `${first}${wrapped(text.split(' '), indent, width + 4)}`;
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
