import { useLoopbackAddresses } from '../adapters/http-client/loopback-addresses.ts';
import type { Environment } from '../config/names.ts';
import type { ReadingOptions } from '../config/read.ts';
import { settingsHelp } from '../config/settings-help.ts';
import { storageConfig } from '../config/storage.ts';
import { ALL_ROLES, STORE_ROLES } from '../config/variable.ts';
import { type Command, type CommandIo, type ExitStatus, partOf } from './command.ts';
import { declareCommand } from './declare-command.ts';
import { worldsBeside } from './new-data-folder.ts';
import type { Running } from './running.ts';

/** Starts a part of each role; each is loaded only when asked for. */
export type Starters = Readonly<
  Record<string, (env: Environment, options: ReadingOptions) => Promise<Running>>
>;

const ABOUT = `Settings come from the environment, or from a file of KEY=VALUE lines given with --env-file (the
environment wins); "jitsuin init" writes such files for a whole simulated world. A name that the role does not read,
and a value that is not acceptable, are refused at the start, all of them in one run. Runs until SIGTERM or SIGINT,
then drains for at most 30 s.`;

/** `serve` for the roles of a program. */
export function serveCommand(servers: Starters): Command {
  return roleCommand('serve', servers);
}

/** `worker` for the roles of a program. */
export function workerCommand(workers: Starters): Command {
  return roleCommand('worker', workers);
}

function roleCommand(verb: string, starters: Starters): Command {
  const roles = Object.keys(starters);
  return declareCommand({
    name: verb,
    about: ABOUT,
    options: {
      role: { type: 'string', oneOf: roles, needed: true, whose: true, means: 'which part' },
      'env-file': { type: 'string', value: 'FILE', means: 'the file of its settings' },
      json: { type: 'boolean', means: 'print one JSON object when it runs: verb, role, url' },
    },
    settings: `Settings:\n\n${settingsHelp(ALL_ROLES.filter((role) => roles.includes(role)))}`,
    run: ({ role, json }, _operands, io) => runUntilStopped({ verb, starters, role, json }, io),
  });
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
