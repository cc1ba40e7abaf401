import { defined } from '../../core/defined.ts';
import type { TranslatedCommand } from '../usage.ts';
import { BATCH_COMMANDS } from './batches.ts';
import { OPERATING_COMMANDS } from './operating.ts';
import { PLATFORM_OPERATOR_COMMANDS } from './platform-operator.ts';
import { SIGNING_COMMANDS } from './signing.ts';
import { VERIFYING_COMMANDS } from './verifying.ts';
import { WORLD_COMMANDS } from './world.ts';

const WRITTEN: readonly Readonly<Record<string, TranslatedCommand>>[] = [
  WORLD_COMMANDS,
  SIGNING_COMMANDS,
  BATCH_COMMANDS,
  VERIFYING_COMMANDS,
  OPERATING_COMMANDS,
  PLATFORM_OPERATOR_COMMANDS,
];

/** Every command in Japanese, by its name. */
export const JAPANESE_COMMANDS: Readonly<Record<string, TranslatedCommand>> = Object.fromEntries(
  WRITTEN.flatMap((commands) => Object.entries(commands).map(([name, command]) => [name, unbroken(command)])),
);

function unbroken({ summary, about, options, more }: TranslatedCommand): TranslatedCommand {
  const means = Object.entries(options).map(([option, text]) => [option, joined(text)]);
  return defined({
    summary: joined(summary),
    about: joined(about),
    options: Object.fromEntries(means),
    more: more === undefined ? undefined : joined(more),
  });
}

/** Lines of the source are none of the text: Japanese has no blank between two of them. */
function joined(text: string): string {
  return text.replaceAll(/(?<!\n)\n(?!\n|- )/g, '');
}
