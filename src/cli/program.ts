import { nearest } from '../config/nearest.ts';
import { ERROR_ADVICE } from '../core/error-advice.ts';
import { asJitsuinError, type ErrorCode } from '../core/errors.ts';
import { VERSION } from '../core/version.ts';
import { type Command, type CommandEntry, type CommandIo, type ExitStatus, UsageError } from './command.ts';
import { exitStatusOf } from './exit-status.ts';
import { type Language, languageOf } from './language.ts';
import { type TranslatedCommand, usageOf } from './usage.ts';

/** What one executable of this package is called and can do. */
export interface Program {
  readonly name: string;
  /** One line over the list of its commands. */
  readonly about: string;
  readonly commands: readonly CommandEntry[];
}

/** Runs one command line (without `node` and the script's name) and gives its exit status. */
export async function runProgram(
  program: Program,
  args: readonly string[],
  io: CommandIo,
): Promise<ExitStatus> {
  const [first] = args;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    io.stdout(await overview(program, languageOf(io.env)));
    return first === undefined ? 2 : 0;
  }
  if (first === '--version') {
    io.stdout(`${VERSION}\n`);
    return 0;
  }
  const found = findCommand(program, args);
  if (found === undefined) {
    io.stderr(
      `${program.name}: there is no command "${first}".${commandMeant(program, args)} ` +
        `"${program.name} --help" lists them.\n`,
    );
    return 2;
  }
  const command = await found.entry.load();
  if (found.rest.includes('--help') || found.rest.includes('-h')) {
    io.stdout(`${await helpOf(program.name, command, languageOf(io.env))}\n`);
    return 0;
  }
  return runCommand(`${program.name} ${found.entry.name}`, command, found.rest, io);
}

async function helpOf(program: string, command: Command, language: Language): Promise<string> {
  const translated = language === 'ja' ? (await japanese())[command.name] : undefined;
  return usageOf(command, { program, language: translated === undefined ? 'en' : language, translated });
}

/** Loaded only for who reads it. */
async function japanese(): Promise<Readonly<Record<string, TranslatedCommand>>> {
  return (await import('./japanese/commands.ts')).JAPANESE_COMMANDS;
}

async function runCommand(
  name: string,
  command: Command,
  rest: readonly string[],
  io: CommandIo,
): Promise<ExitStatus> {
  try {
    const given = await withSettings(rest, io);
    return await command.run(given.rest, given.io);
  } catch (thrown) {
    if (isUsageError(thrown)) {
      // what node adds of positional arguments helps nobody who misspelt an option
      const said = thrown.message.replace(/\. To specify a positional argument .*$/s, '.');
      io.stderr(`${name}: ${said}${optionMeant(command, thrown)}\n"${name} --help" shows its use.\n`);
      return 2;
    }
    return reportFailure(name, thrown, rest.includes('--json'), io);
  }
}

/** The settings are loaded only where a file of them is named: a health check every few seconds costs little. */
async function withSettings(rest: readonly string[], io: CommandIo) {
  if (!rest.some((argument) => argument.split('=')[0] === '--env-file')) return { rest, io };
  const { withEnvFile } = await import('./env-file-option.ts');
  return withEnvFile(rest, io);
}

/** ` Did you mean …?`, where a command is near what was written. */
function commandMeant({ commands }: Program, args: readonly string[]): string {
  const names = commands.map(({ name }) => name);
  const [first = ''] = args;
  for (let words = Math.min(args.length, longestName(names)); words > 1; words -= 1) {
    const group = names.filter((name) => name.startsWith(`${args.slice(0, words).join(' ')} `));
    if (group.length > 0) return ` There are: ${group.join(', ')}.`;
    const sameLength = names.filter((name) => name.split(' ').length === words);
    const meant = nearest(args.slice(0, words).join(' '), sameLength);
    if (meant !== undefined) return ` Did you mean "${meant}"?`;
  }
  const inGroup = names.filter((name) => name.startsWith(`${first} `));
  if (inGroup.length > 0) return ` There are: ${inGroup.join(', ')}.`;
  const near = nearest(first, names);
  return near === undefined ? '' : ` Did you mean "${near}"?`;
}

/** The same for an option of a command. */
function optionMeant({ declared }: Command, thrown: Error): string {
  const [, written] = /option '--([^' =]+)/.exec(thrown.message) ?? [];
  if (written === undefined) return '';
  const meant = nearest(written, [...Object.keys(declared.options), 'env-file', 'help', 'json']);
  return meant === undefined ? '' : ` Did you mean --${meant}?`;
}

function isUsageError(thrown: unknown): thrown is Error {
  if (thrown instanceof UsageError) return true;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  return code.startsWith('ERR_PARSE_ARGS');
}

async function reportFailure(
  name: string,
  thrown: unknown,
  json: boolean,
  io: CommandIo,
): Promise<ExitStatus> {
  const system = systemMessage(thrown);
  if (system !== undefined) {
    io.stderr(`${name}: ${system}\n`);
    return 2;
  }
  const error = asJitsuinError(thrown);
  if (json) io.stdout(`${JSON.stringify({ code: error.code, message: error.message, at: error.at })}\n`);
  const where = error.at === undefined ? '' : ` (at ${error.at})`;
  io.stderr(`${name}: ${error.code}: ${error.message}${where}\n`);
  if (error.kind !== 'internal') io.stderr(`  ${await actionFor(error.code, io)}\n`);
  if (error.code === 'internal.unexpected' && io.env['JITSUIN_DEBUG'] === '1')
    io.stderr(`${String(error.cause)}\n`);
  return exitStatusOf(error.kind);
}

/** What to do about a failure, in the reader's language. */
async function actionFor(code: ErrorCode, io: CommandIo): Promise<string> {
  if (languageOf(io.env) === 'en') return ERROR_ADVICE[code][1];
  const { ERROR_ADVICE_JA } = await import('../core/error-advice-ja.ts');
  return ERROR_ADVICE_JA[code].join('');
}

const SYSTEM_MESSAGES: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'no permission to read or write',
  EPERM:
    'belongs to somebody else, and others may read it: name another file, or have its owner run chmod 600',
  EISDIR: 'is a folder, a file is needed',
  EADDRINUSE: 'the port is in use; choose another (JITSUIN_PORT) or 0 for a free one',
};

function systemMessage(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined;
  const text = SYSTEM_MESSAGES[String(thrown.code)];
  if (text === undefined) return undefined;
  const path = 'path' in thrown ? `${String(thrown.path)}: ` : '';
  return `${path}${text}`;
}

function findCommand(
  { commands }: Program,
  args: readonly string[],
): { entry: CommandEntry; rest: readonly string[] } | undefined {
  for (let words = longestName(commands.map(({ name }) => name)); words > 0; words -= 1) {
    const name = args.slice(0, words).join(' ');
    const entry = commands.find((candidate) => candidate.name === name);
    if (entry !== undefined) return { entry, rest: args.slice(words) };
  }
  return undefined;
}

/** Words of the longest name. */
function longestName(names: readonly string[]): number {
  return Math.max(...names.map((name) => name.split(' ').length));
}

const OVERVIEW = {
  en: {
    usage: 'Usage',
    about: (about: string) => about,
    end: `--env-file FILE (or --env-file=FILE) among a command's options reads its settings (KEY=VALUE lines);
the environment wins.
Exit status: 0 done or valid, 1 invalid, 2 wrong use, 3 could not be decided.`,
  },
  ja: {
    usage: '使い方',
    about: (about: string) =>
      `${about}\nマイナンバーカードによる電子署名（デジタル認証アプリ）。英語で読むには LC_ALL=C。`,
    end: `どのコマンドでも --env-file FILE（または --env-file=FILE）で設定（KEY=VALUE の行）を読ませることができる。環境変数が優先。
終了ステータス：0 済んだ・有効、1 無効、2 使い方の誤り、3 判定できない。`,
  },
} as const;

async function overview({ name, about, commands }: Program, language: Language): Promise<string> {
  const says = OVERVIEW[language];
  const translated = language === 'ja' ? await japanese() : {};
  const width = Math.max(...commands.map((command) => command.name.length));
  const lines = commands.map((command) => {
    const summary = translated[command.name]?.summary ?? command.summary;
    return `  ${command.name.padEnd(width)}  ${summary}`;
  });
  return `${says.about(about)}

${says.usage}: ${name} COMMAND [ARGUMENT…]      ${name} COMMAND --help      ${name} --version

${lines.join('\n')}

${says.end}
`;
}
