import { once } from 'node:events';
import { type Program, runProgram } from './program.ts';

/** From the signal to the end, whatever hangs; ms. */
const LONGEST_END = 30_000;
/** From the end of the command to the end of the process; ms. */
const LEFT_BEHIND = 1_000;

const OWNER_ONLY = 0o077;

/** Runs this process's own command line: SIGINT and SIGTERM end it, its exit status is the command's. */
export async function runProcess(program: Program): Promise<void> {
  // Applications, certificates, keys, stores, logs: whatever a command writes is its owner's alone, whatever the
  // shell's umask.
  process.umask(OWNER_ONLY);
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => abort.abort());
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

/** Whatever a closed process has left behind (a handler that hangs, a timer) does not keep it. */
function exitWithin(millis: number, status: number): void {
  setTimeout(() => process.exit(status), millis).unref();
}
