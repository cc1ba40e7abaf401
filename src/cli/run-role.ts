import { parseArgs } from 'node:util';
import { useLoopbackPlaces } from '../adapters/http-client/loopback-places.ts';
import type { Environment } from '../config/names.ts';
import type { ReadingOptions } from '../config/read.ts';
import { type Command, type CommandIo, type ExitStatus, UsageError } from './command.ts';
import type { Running } from './running.ts';

/** Starts a part of each role; each is loaded only when asked for. */
export type Starters = Readonly<
  Record<string, (env: Environment, options: ReadingOptions) => Promise<Running>>
>;

const CONFIGURATION = `Configuration comes from the environment, or from a file of KEY=VALUE lines given with --env-file.
"jitsuin init" writes such files for a whole simulated world; README.md lists every variable.
Runs until SIGTERM or SIGINT, then drains for at most 30 s.`;

/** `serve` for the roles of a program. */
export function serveCommand(servers: Starters): Command {
  return {
    name: 'serve',
    usage: `Usage: jitsuin serve --role ${Object.keys(servers).join('|')} [--env-file FILE] [--json]

${CONFIGURATION}`,
    run: (args, io) => runUntilStopped('serve', servers, args, io),
  };
}

/** `worker` for the roles of a program. */
export function workerCommand(workers: Starters): Command {
  return {
    name: 'worker',
    usage: `Usage: jitsuin worker --role ${Object.keys(workers).join('|')} [--env-file FILE] [--json]

${CONFIGURATION}`,
    run: (args, io) => runUntilStopped('worker', workers, args, io),
  };
}

async function runUntilStopped(
  verb: string,
  starters: Starters,
  args: readonly string[],
  io: CommandIo,
): Promise<ExitStatus> {
  const { values } = parseArgs({
    args: [...args],
    options: { role: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const roles = Object.keys(starters);
  const role = values.role;
  const start = role !== undefined && Object.hasOwn(starters, role) ? starters[role] : undefined;
  if (role === undefined || start === undefined) {
    throw new UsageError(
      `--role must be one of ${roles.join(', ')}${role === undefined ? '' : `, not "${role}"`}.`,
    );
  }
  useLoopbackPlaces(io.env);
  const running = await start(io.env, io);
  const place = running.url === undefined ? '' : ` on ${running.url}`;
  io.stdout(
    values.json ? `${JSON.stringify({ verb, role, url: running.url })}\n` : `${role} ${verb} runs${place}\n`,
  );
  await stopped(io.signal);
  await running.close();
  return 0;
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
