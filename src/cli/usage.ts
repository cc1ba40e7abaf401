import type { Command, DeclaredUsage, OptionDeclaration } from './command.ts';
import type { Language } from './language.ts';
import { paragraphs, wrapped } from './text-lines.ts';

/** What a command says of itself in another language than that of its declaration. */
interface TranslatedUsage {
  readonly about: string;
  readonly options: Readonly<Record<string, string>>;
  readonly more?: string;
}

/** A command in the overview and in its own `--help`. */
export interface TranslatedCommand extends TranslatedUsage {
  readonly summary: string;
}

/** What stands around what commands declare. */
const AROUND = {
  en: { usage: 'Usage', standard: (value: string) => ` (default: ${value})`, values: ': ' },
  ja: { usage: '使い方', standard: (value: string) => `（既定：${value}）`, values: '：' },
} as const;

interface Shown {
  /** For example `jitsuin` or `jitsuin-sp`. */
  readonly program: string;
  readonly language: Language;
  /** Absent: in the words of the declaration. */
  readonly translated?: TranslatedUsage | undefined;
}

/** The full text of `--help` of a command. */
export function usageOf({ name, declared }: Command, { program, language, translated }: Shown): string {
  const said = translated === undefined ? declared : translate(declared, translated);
  const { operands, options, about, more, settings } = said;
  const around = AROUND[language];
  const words = Object.entries(options).map(([option, one]) => inLine(option, one));
  const line = [`${around.usage}: ${program}`, name, ...(operands === undefined ? [] : [operands]), ...words];
  const heads = Object.entries(options).map(([option, one]) => headOf(option, one));
  const width = Math.min(26, Math.max(0, ...heads.map((head) => head.length)));
  const lines = Object.values(options).map((one, index) =>
    optionLine(heads[index] ?? '', width, textOf(one, around)),
  );
  return [
    wrapped(line.join(' '), '       '),
    paragraphs(about),
    ...(lines.length === 0 ? [] : [lines.join('\n')]),
    ...(more === undefined ? [] : [paragraphs(more)]),
    ...(settings === undefined ? [] : [settings(language)]),
  ].join('\n\n');
}

/** The declaration with other words, option by option; what has none keeps its own. */
export function translate(declared: DeclaredUsage, { about, options, more }: TranslatedUsage): DeclaredUsage {
  const said = Object.entries(declared.options).map(([option, one]) => [
    option,
    { ...one, means: options[option] ?? one.means },
  ]);
  return { ...declared, about, more: more ?? declared.more, options: Object.fromEntries(said) };
}

/** For example `--out FILE` or `--role sp|gov|pf`. */
export function headOf(option: string, { value, oneOf }: OptionDeclaration): string {
  const shown = value ?? oneOf?.join('|');
  return shown === undefined ? `--${option}` : `--${option} ${shown}`;
}

/** Its meaning, with the values where they do not stand beside the name. */
export function meaningOf({ means, value, oneOf }: OptionDeclaration, between: string): string {
  return value === undefined || oneOf === undefined ? means : `${means}${between}${oneOf.join(', ')}`;
}

function textOf(declared: OptionDeclaration, around: (typeof AROUND)[Language]): string {
  const standard = declared.default === undefined ? '' : around.standard(declared.default);
  return `${meaningOf(declared, around.values)}${standard}`;
}

function inLine(option: string, declared: OptionDeclaration): string {
  const head = `${headOf(option, declared)}${declared.multiple === true ? '…' : ''}`;
  return declared.needed === true ? head : `[${head}]`;
}

function optionLine(head: string, width: number, text: string): string {
  const indent = ' '.repeat(width + 4);
  const first = head.length > width ? `  ${head}\n${indent}` : `  ${head.padEnd(width)}  `;
  return `${first}${wrapped(text, indent, width + 4)}`;
}
