import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type Program, runProgram } from './program.ts';

/** From the signal to the end, whatever hangs; ms. */
const LONGEST_END = 30_000;
/** From the end of the command to the end of the process; ms. */
const LEFT_BEHIND = 1_000;
/** Between two looks at who started us; ms. */
const STARTER_WATCH = 500;

const OWNER_ONLY = 0o077;

/** Runs this process's own command line: SIGINT and SIGTERM end it, its exit status is the command's. */
export async function runProcess(program: Program): Promise<void> {
  // Applications, certificates, keys, stores, logs: whatever a command writes is its owner's alone, whatever the
  // shell's umask.
  process.umask(OWNER_ONLY);
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => abort.abort());
  endWithStarter(abort);
  abort.signal.addEventListener('abort', () => exitWithin(LONGEST_END, 3));
  process.stdout.on('error', () => process.exit(0));
  const status = await runProgram(program, process.argv.slice(2), {
    stdout: (text) => void process.stdout.write(text),
    drained: async () => process.stdout.writableNeedDrain && once(process.stdout, 'drain'),
    stderr: (text) => void process.stderr.write(text),
    isTty: process.stdout.isTTY === true,
    env: process.env,
    signal: abort.signal,
  });
  process.exitCode = status;
  if (abort.signal.aborted) exitWithin(LEFT_BEHIND, status);
}

/**
 * npm and npx start us behind a shell that passes no signal on, and a killed npm passes none: nobody would end us, and
 * the port would stay taken. So its end is ours.
 */
function endWithStarter(abort: AbortController): void {
  if (process.env['npm_command'] === undefined) return;
  const { ppid } = process;
  const behindShell = ofProcess(ppid, 'cmdline').includes('\0-c\0');
  const starter = () => (behindShell ? parentOf(ppid) : '');
  const began = starter();
  const watch = setInterval(() => {
    if (process.ppid === ppid && starter() === began) return;
    clearInterval(watch);
    abort.abort();
  }, STARTER_WATCH);
  watch.unref();
}

/** The parent's id, where the system tells it (Linux). */
function parentOf(pid: number): string {
  const stat = ofProcess(pid, 'stat');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? '';
}

function ofProcess(pid: number, file: 'cmdline' | 'stat'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

/** Whatever a closed process has left behind (a handler that hangs, a timer) does not keep it. */
function exitWithin(millis: number, status: number): void {
  setTimeout(() => process.exit(status), millis).unref();
}
