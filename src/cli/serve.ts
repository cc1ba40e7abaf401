import { parseArgs } from 'node:util';
import type { Environment } from '../config/relying-party.ts';
import { type Command, type CommandIo, type ExitStatus, UsageError } from './command.ts';
import type { Running } from './running.ts';

/** Each role is loaded only when asked for: an sp process never loads the verifier. */
const SERVERS: Readonly<Record<string, (env: Environment) => Promise<Running>>> = {
  sp: async (env) => {
    const [{ startSp }, { readSpConfig }] = await Promise.all([
      import('../roles/sp/main.ts'),
      import('../config/sp.ts'),
    ]);
    return startSp(readSpConfig(env));
  },
  gov: async (env) => {
    const [{ startGov }, { readGovConfig }] = await Promise.all([
      import('../roles/gov/main.ts'),
      import('../config/gov.ts'),
    ]);
    return startGov(readGovConfig(env));
  },
  pf: async (env) => {
    const [{ startPf }, { readPfConfig }] = await Promise.all([
      import('../roles/pf/main.ts'),
      import('../config/pf.ts'),
    ]);
    return startPf(readPfConfig(env));
  },
  simulator: async (env) => {
    const { serveSimulator } = await import('./simulator.ts');
    return serveSimulator(env);
  },
};

const WORKERS: Readonly<Record<string, (env: Environment) => Promise<Running>>> = {
  sp: async (env) => {
    const [{ startSpWorker }, { readSpConfig }] = await Promise.all([
      import('../../workers/sp/main.ts'),
      import('../config/sp.ts'),
    ]);
    return startSpWorker(readSpConfig(env));
  },
  gov: async (env) => {
    const [{ startGovWorker }, { readGovConfig }] = await Promise.all([
      import('../../workers/gov/main.ts'),
      import('../config/gov.ts'),
    ]);
    return startGovWorker(readGovConfig(env));
  },
  pf: async (env) => {
    const [{ startPfWorker }, { readPfConfig }] = await Promise.all([
      import('../../workers/pf/main.ts'),
      import('../config/pf.ts'),
    ]);
    return startPfWorker(readPfConfig(env));
  },
};

const CONFIGURATION = `Configuration comes from the environment, or from a file of KEY=VALUE lines given with --env-file.
"jitsuin init" writes such files for a whole simulated world; README.md lists every variable.
Runs until SIGTERM or SIGINT, then drains for at most 30 s.`;

export const serve: Command = {
  name: 'serve',
  summary: 'run the HTTP part of a role: sp, gov, pf, or the simulator',
  usage: `Usage: jitsuin serve --role sp|gov|pf|simulator [--env-file FILE] [--json]

${CONFIGURATION}`,
  run: (args, io) => runUntilStopped('serve', SERVERS, args, io),
};

export const worker: Command = {
  name: 'worker',
  summary: 'run the background jobs of a role: sp, gov, pf',
  usage: `Usage: jitsuin worker --role sp|gov|pf [--env-file FILE] [--json]

${CONFIGURATION}`,
  run: (args, io) => runUntilStopped('worker', WORKERS, args, io),
};

async function runUntilStopped(
  verb: string,
  starters: Readonly<Record<string, (env: Environment) => Promise<Running>>>,
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
  const running = await start(io.env);
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
