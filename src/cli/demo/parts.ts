import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { JitsuinError } from '../../core/errors.ts';
import { MINUTE_MILLIS } from '../../core/spans.ts';

/** A child process of the demo: one role's HTTP part or its worker. */
export interface Part {
  readonly name: string;
  stop(): Promise<void>;
}

const START_LIMIT = MINUTE_MILLIS;
const STOP_LIMIT = 10_000;
const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
/** What the surroundings may hand to the parts; their configuration comes from their .env file alone. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'TMP', 'TEMP', 'SYSTEMROOT', 'LANG', 'TZ'];

/**
 * Starts `jitsuin serve|worker --role ROLE --env-file FILE` and waits until it says that it runs. Its output goes to a
 * log file in `logDir`.
 * @throws JitsuinError `internal.unexpected` naming the log file when it ends or stays silent
 */
export async function startPart(
  verb: 'serve' | 'worker',
  role: string,
  envFile: string,
  logDir: string,
): Promise<Part> {
  const name = `${role} ${verb}`;
  const logFile = join(logDir, `${role}-${verb}.log`);
  const child = spawn(process.execPath, ['--', MAIN, verb, '--role', role, '--env-file', envFile, '--json'], {
    env: Object.fromEntries(INHERITED.map((key) => [key, process.env[key]])),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(logFile);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  await ready(child, name, logFile);
  return { name, stop: () => stop(child) };
}

function ready(child: ChildProcess, name: string, logFile: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (what: string) =>
      reject(new JitsuinError('config.invalid', `The part "${name}" ${what}; see ${logFile}.`, { at: name }));
    const limit = setTimeout(() => failed('did not start in time'), START_LIMIT);
    child.stdout?.on('data', (chunk: Buffer) => {
      if (!chunk.toString('utf8').includes('"verb"')) return;
      clearTimeout(limit);
      resolve();
    });
    child.once('exit', () => {
      clearTimeout(limit);
      failed('ended at its start');
    });
  });
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const kill = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT);
    child.once('exit', () => {
      clearTimeout(kill);
      resolve();
    });
    child.kill('SIGTERM');
  });
}

/** Below the ports that systems give to outgoing connections (Linux: from 32768 on): nobody takes one meanwhile. */
const LOWEST_PORT = 10_000;
const HIGHEST_PORT = 32_000;

/** Ports on loopback that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
    if (!ports.includes(port) && (await isFree(port))) ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
