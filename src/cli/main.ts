#!/usr/bin/env -S node --
import type { CommandIo, ExitStatus } from './command.ts';
import { COMMANDS } from './commands.ts';
import { runProcess } from './process.ts';
import { type Program, runProgram } from './program.ts';

const PROGRAM: Program = {
  name: 'jitsuin',
  about: 'jitsuin (実印): e-signing with the My Number Card through デジタル認証アプリ',
  commands: COMMANDS,
};

/** Runs one command line (without `node` and the script's name) and gives its exit status. */
export function main(args: readonly string[], io: CommandIo): Promise<ExitStatus> {
  return runProgram(PROGRAM, args, io);
}

if (process.argv[1] !== undefined && import.meta.filename !== undefined && isEntry(process.argv[1])) {
  await runProcess(PROGRAM);
}

function isEntry(script: string): boolean {
  return /(^|[\\/])(main\.[jt]s|jitsuin)$/.test(script);
}
