#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { asJitsuinError } from '../core/errors.ts';
import { type Command, type CommandIo, type ExitStatus, UsageError } from './command.ts';
import { COMMANDS } from './commands.ts';
import { exitStatusOf } from './exit-status.ts';

/** Runs one command line (without `node` and the script's name) and gives its exit status. */
export async function main(args: readonly string[], io: CommandIo): Promise<ExitStatus> {
  const [first] = args;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    io.stdout(overview());
    return first === undefined ? 2 : 0;
  }
  const found = findCommand(args);
  if (found === undefined) {
    io.stderr(`jitsuin: there is no command "${first}". "jitsuin --help" lists them.\n`);
    return 2;
  }
  const { command, rest } = found;
  if (rest.includes('--help') || rest.includes('-h')) {
    io.stdout(command.usage.endsWith('\n') ? command.usage : `${command.usage}\n`);
    return 0;
  }
  return runCommand(command, rest, io);
}

/** Takes `--env-file FILE` (KEY=VALUE lines) out of the arguments; the environment itself wins over the file. */
function withEnvFile(rest: readonly string[], io: CommandIo): { rest: readonly string[]; io: CommandIo } {
  const at = rest.indexOf('--env-file');
  if (at < 0) return { rest, io };
  const file = rest[at + 1];
  if (file === undefined) throw new UsageError('--env-file needs a file.');
  const env = { ...parseEnv(readFileSync(file, 'utf8')), ...io.env };
  return { rest: [...rest.slice(0, at), ...rest.slice(at + 2)], io: { ...io, env } };
}

async function runCommand(command: Command, rest: readonly string[], io: CommandIo): Promise<ExitStatus> {
  try {
    const given = withEnvFile(rest, io);
    return await command.run(given.rest, given.io);
  } catch (thrown) {
    if (isUsageError(thrown)) {
      io.stderr(
        `jitsuin ${command.name}: ${thrown.message}\n"jitsuin ${command.name} --help" shows its use.\n`,
      );
      return 2;
    }
    return reportFailure(command, thrown, rest.includes('--json'), io);
  }
}

function isUsageError(thrown: unknown): thrown is Error {
  if (thrown instanceof UsageError) return true;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  return code.startsWith('ERR_PARSE_ARGS');
}

function reportFailure(command: Command, thrown: unknown, json: boolean, io: CommandIo): ExitStatus {
  const system = systemMessage(thrown);
  if (system !== undefined) {
    io.stderr(`jitsuin ${command.name}: ${system}\n`);
    return 2;
  }
  const error = asJitsuinError(thrown);
  if (json) io.stdout(`${JSON.stringify({ code: error.code, message: error.message, at: error.at })}\n`);
  const where = error.at === undefined ? '' : ` (at ${error.at})`;
  io.stderr(`jitsuin ${command.name}: ${error.code}: ${error.message}${where}\n`);
  if (error.code === 'internal.unexpected' && io.env['JITSUIN_DEBUG'] === '1')
    io.stderr(`${String(error.cause)}\n`);
  return exitStatusOf(error.kind);
}

const SYSTEM_MESSAGES: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'no permission to read or write',
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

function findCommand(args: readonly string[]): { command: Command; rest: readonly string[] } | undefined {
  for (const words of [2, 1]) {
    const name = args.slice(0, words).join(' ');
    const command = COMMANDS.find((candidate) => candidate.name === name);
    if (command !== undefined) return { command, rest: args.slice(words) };
  }
  return undefined;
}

function overview(): string {
  const width = Math.max(...COMMANDS.map((command) => command.name.length));
  const lines = COMMANDS.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return `jitsuin (実印): e-signing with the My Number Card through デジタル認証アプリ

Usage: jitsuin COMMAND [ARGUMENT…]      jitsuin COMMAND --help

${lines.join('\n')}

--env-file FILE before or after a command's other options reads its configuration (KEY=VALUE lines); the environment wins.
Exit status: 0 done or valid, 1 invalid, 2 wrong use, 3 could not be decided.
`;
}

/** From the signal to the end, whatever hangs; ms. */
const LONGEST_END = 30_000;
/** From the end of the command to the end of the process; ms. */
const LEFT_BEHIND = 1_000;

if (process.argv[1] !== undefined && import.meta.filename !== undefined && isEntry(process.argv[1])) {
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => abort.abort());
  abort.signal.addEventListener('abort', () => exitWithin(LONGEST_END, 3));
  process.stdout.on('error', () => process.exit(0));
  const status = await main(process.argv.slice(2), {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    isTty: process.stdout.isTTY === true,
    env: process.env,
    signal: abort.signal,
  });
  process.exitCode = status;
  if (abort.signal.aborted) exitWithin(LEFT_BEHIND, status);
}

/** Whatever a closed process has left behind (a handler that hangs, a timer) does not keep it. */
function exitWithin(millis: number, status: number): void {
  setTimeout(() => process.exit(status), millis).unref();
}

function isEntry(script: string): boolean {
  return /(^|[\\/])(main\.[jt]s|jitsuin)$/.test(script);
}
