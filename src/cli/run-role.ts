import { useLoopbackAddresses } from '../adapters/http-client/loopback-addresses.ts';
import type { Metrics } from '../adapters/telemetry/metrics.ts';
import type { Environment } from '../config/names.ts';
import type { ReadingOptions } from '../config/read.ts';
import { settingsHelp } from '../config/settings-help.ts';
import { storageConfig } from '../config/storage.ts';
import { ALL_ROLES, STORE_ROLES } from '../config/variable.ts';
import { defined } from '../core/defined.ts';
import { type Command, type CommandIo, type ExitStatus, partOf, UsageError } from './command.ts';
import { declareCommand } from './declare-command.ts';
import type { Language } from './language.ts';
import { worldsBeside } from './new-data-folder.ts';
import type { Running } from './running.ts';

/** What two parts of a role have in common where they run in one process. */
interface SharedParts {
  readonly metrics?: Metrics;
}

/** Starts a part of each role; each is loaded only when asked for. */
export type Starters = Readonly<
  Record<string, (env: Environment, options: ReadingOptions, shared?: SharedParts) => Promise<Running>>
>;

const ABOUT = `Settings come from the environment, or from a file of KEY=VALUE lines given with --env-file (the
environment wins); "jitsuin init" writes such files for a whole simulated world. A name that the role does not read,
and a value that is not acceptable, are refused at the start, all of them in one run. Runs until SIGTERM or SIGINT,
then drains for at most 30 s.`;

/** `serve` for the roles of a program; those that have background jobs can run them beside. */
export function serveCommand(servers: Starters, workers: Starters): Command {
  const verb = 'serve';
  return declareCommand({
    name: verb,
    about: `${ABOUT}

With --with-worker the background jobs run in the same process: what one machine needs, and the least that an
application costs. On several machines, or to restart one without the other, run "worker" apart.`,
    options: {
      ...commonOptions(servers),
      'with-worker': { type: 'boolean', means: 'run the background jobs of the role in this process too' },
    },
    settings: settingsOf(servers),
    run: ({ role, json, 'with-worker': both }, _operands, io) =>
      runUntilStopped({ verb, starters: both ? together(servers, workers) : servers, role, json }, io),
  });
}

/** Server and worker of a role in one process: one set of metrics, which the server's management port shows. */
function together(servers: Starters, workers: Starters): Starters {
  const start = (role: string): Starters[string] => {
    return async (env, options) => {
      const worker = workers[role];
      const server = partOf(servers, role);
      if (worker === undefined)
        throw new UsageError(
          `--with-worker is for roles that have background jobs: ${Object.keys(workers).join(', ')}.`,
        );
      const { createMetrics } = await import('../adapters/telemetry/metrics.ts');
      const shared = { metrics: createMetrics() };
      const serving = await server(env, options, shared);
      try {
        const working = await worker(withoutManagement(env), options, shared);
        const close = async () => {
          // nothing new is taken in while jobs under way come to their end
          await serving.close();
          await working.close();
        };
        return defined({ url: serving.url, close });
      } catch (thrown) {
        await serving.close();
        throw thrown;
      }
    };
  };
  return Object.fromEntries(Object.keys(servers).map((role) => [role, start(role)]));
}

function withoutManagement(env: Environment): Environment {
  const { JITSUIN_MANAGEMENT_PORT, JITSUIN_MANAGEMENT_HOST, ...rest } = env;
  return rest;
}

/** `worker` for the roles of a program. */
export function workerCommand(workers: Starters): Command {
  const verb = 'worker';
  return declareCommand({
    name: verb,
    about: ABOUT,
    options: commonOptions(workers),
    settings: settingsOf(workers),
    run: ({ role, json }, _operands, io) => runUntilStopped({ verb, starters: workers, role, json }, io),
  });
}

function commonOptions(starters: Starters) {
  const oneOf = Object.keys(starters);
  return {
    role: { type: 'string', oneOf, needed: true, whose: true, means: 'which part' },
    'env-file': { type: 'string', value: 'FILE', means: 'the file of its settings' },
    json: { type: 'boolean', means: 'print one JSON object when it runs: verb, role, url' },
  } as const;
}

function settingsOf(starters: Starters): (language: Language) => string {
  const roles = ALL_ROLES.filter((role) => Object.hasOwn(starters, role));
  return (language) => `${language === 'ja' ? '設定' : 'Settings'}:\n\n${settingsHelp(roles, language)}`;
}

interface Asked {
  readonly verb: string;
  readonly starters: Starters;
  readonly role: string;
  readonly json: boolean;
}

async function runUntilStopped({ verb, starters, role, json }: Asked, io: CommandIo): Promise<ExitStatus> {
  const start = partOf(starters, role);
  useLoopbackAddresses(io.env);
  sayNewFolder(role, io);
  const running = await start(io.env, io);
  const place = running.url === undefined ? '' : ` on ${running.url}`;
  io.stdout(
    json ? `${JSON.stringify({ verb, role, url: running.url })}\n` : `${role} ${verb} runs${place}\n`,
  );
  await stopped(io.signal);
  await running.close();
  return 0;
}

/** Says when a data folder is about to be made anew although the role has worked close by. */
function sayNewFolder(role: string, io: CommandIo): void {
  const known = STORE_ROLES.find((candidate) => candidate === role);
  if (known === undefined) return;
  const { dataDir } = storageConfig(io.env, known, io);
  const [beside] = worldsBeside(dataDir, role, io.envFile);
  if (beside === undefined) return;
  io.stderr(
    `jitsuin: the data folder ${dataDir} (JITSUIN_DATA_DIR) is not there and is made anew, with ` +
      `new keys; "${role}" has worked in ${beside}.\n`,
  );
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
