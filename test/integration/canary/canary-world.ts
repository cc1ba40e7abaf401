import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createLog } from '../../../src/adapters/log/pino-log.ts';
import { type Exchange, tapWire, type WireTap } from '../../../src/cli/demo/wire-tap.ts';
import { migrate } from '../../../src/cli/migrate.ts';
import { createWorld } from '../../../src/cli/world/create-world.ts';
import type { World } from '../../../src/cli/world/world-options.ts';
import { readGovConfig } from '../../../src/config/gov.ts';
import { readPfConfig } from '../../../src/config/pf.ts';
import { readSpConfig } from '../../../src/config/sp.ts';
import { startGov } from '../../../src/roles/gov/main.ts';
import { startPf } from '../../../src/roles/pf/main.ts';
import { startSp } from '../../../src/roles/sp/main.ts';
import type { Simulator, SimulatorClient, SimulatorOptions } from '../../../src/simulator/options.ts';
import { startSimulator } from '../../../src/simulator/start-simulator.ts';
import { startGovWorker } from '../../../workers/gov/main.ts';
import { startPfWorker } from '../../../workers/pf/main.ts';
import { setInEnvFile } from '../../support/env-file.ts';
import { freePorts } from '../../support/ports.ts';
import { type ApiAccess, envOfFile } from '../rp/world.ts';

export type Role = 'sp' | 'gov' | 'pf';

/** All roles on loopback with a tap on every wire, so that the values really used in the run are known. */
export interface CanaryWorld {
  readonly world: World;
  readonly simulator: Simulator;
  readonly sp: ApiAccess;
  readonly gov: ApiAccess;
  /** What went between a role and the service, and what a role was asked and answered. */
  readonly exchanges: Readonly<Record<Role | 'simulator', readonly Exchange[]>>;
  /** What the roles and workers logged in this process, and standard output and error of the one that is a process of its own. */
  readonly written: readonly string[];
  /** What `/metrics` of the roles says now. */
  metrics(): Promise<string>;
  /** Command line of the worker of the sp, as any user of the machine sees it. */
  readonly processArguments: string;
  env(role: Role): Record<string, string>;
  close(): Promise<void>;
}

interface Servers {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly sharedServersName: string;
}

export async function startCanaryWorld(servers?: Servers): Promise<CanaryWorld> {
  const dir = mkdtempSync(join(tmpdir(), 'jitsuin-canary-'));
  const ports = await freePorts(11);
  const at = (index: number) => ports[index] ?? 0;
  const base = (index: number) => `http://127.0.0.1:${at(index)}`;
  const world = await createWorld({
    ...{ dir: join(dir, 'world'), seed: 'canary', host: '127.0.0.1' },
    ...{ simulatorUrl: base(0), spUrl: base(1), govUrl: base(2), pfUrl: base(3) },
    ports: { simulator: at(4), pf: at(7) },
    ...servers,
  });
  setInEnvFile(world.envFiles.sp, { JITSUIN_PORT: at(5) });
  setInEnvFile(world.envFiles.gov, { JITSUIN_PORT: at(6) });
  const metricsPorts = { sp: at(8), gov: at(9), pf: at(10) };
  const env = (role: Role) => envOfFile(world, role);
  if (servers !== undefined)
    for (const role of ['sp', 'gov', 'pf'] as const) await migrateRole(role, env(role));
  const exchanges = {
    simulator: [] as Exchange[],
    sp: [] as Exchange[],
    gov: [] as Exchange[],
    pf: [] as Exchange[],
  };
  const taps: WireTap[] = [];
  for (const [index, name] of (['simulator', 'sp', 'gov', 'pf'] as const).entries()) {
    taps.push(await tapWire(at(index), at(index + 4), (exchange) => void exchanges[name].push(exchange)));
  }
  const simulator = await startSimulatorOf(world, at(4), base(0));
  const written: string[] = [];
  const spWorker = startProcess(world.envFiles.sp, written);
  const withMetrics = (role: Role) => ({ ...env(role), JITSUIN_MANAGEMENT_PORT: String(metricsPorts[role]) });
  const parts = await startParts(withMetrics, written);
  return {
    ...{ world, simulator, exchanges, written, env },
    sp: { url: base(1), apiKey: world.spApiKey },
    gov: { url: base(2), apiKey: world.govApiKey },
    metrics: async () => {
      const answers = Object.values(metricsPorts).map((port) => fetch(`http://127.0.0.1:${port}/metrics`));
      return (await Promise.all((await Promise.all(answers)).map((answer) => answer.text()))).join('\n');
    },
    processArguments: spWorker.arguments,
    close: async () => {
      await spWorker.stop();
      for (const part of parts.reverse()) await part.close();
      await simulator.close();
      for (const tap of taps) await tap.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function startParts(env: CanaryWorld['env'], written: string[]) {
  const log = (role: string) =>
    createLog({ role, level: 'debug', destination: { write: (line: string) => void written.push(line) } });
  return [
    await startPf(readPfConfig(env('pf')), { log: log('pf') }),
    await startPfWorker(readPfConfig(plain(env('pf'))), { log: log('pf-worker') }),
    await startSp(readSpConfig(env('sp')), { log: log('sp') }),
    await startGov(readGovConfig(env('gov')), { log: log('gov') }),
    await startGovWorker(readGovConfig(plain(env('gov'))), { log: log('gov-worker') }),
  ];
}

/** A worker has no management port here: its role's server has it. */
function plain({ JITSUIN_MANAGEMENT_PORT: _none, ...env }: Record<string, string>): Record<string, string> {
  return env;
}

/** `jitsuin worker --role sp` as an operator starts it. */
function startProcess(envFile: string, written: string[]) {
  const entry = resolve(import.meta.dirname, '../../../src/cli/main.ts');
  const args = ['--import', 'tsx', entry, 'worker', '--role', 'sp', '--env-file', envFile];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => void written.push(chunk.toString('latin1')));
  }
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  return {
    arguments:
      process.platform === 'linux' ? readFileSync(`/proc/${child.pid}/cmdline`, 'latin1') : args.join('\0'),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

function startSimulatorOf(world: World, port: number, publicUrl: string): Promise<Simulator> {
  const file = join(world.dir, 'simulator', 'clients.json');
  const clients = JSON.parse(readFileSync(file, 'utf8')) as SimulatorClient[];
  const now: SimulatorOptions['now'] = () => Date.now() as ReturnType<SimulatorOptions['now']>;
  return startSimulator({ host: '127.0.0.1', port, publicUrl, seed: 'canary', now, clients });
}

async function migrateRole(role: Role, env: Record<string, string>): Promise<void> {
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  const signal = new AbortController().signal;
  const status = await migrate.run(['--role', role], { stdout: say, stderr: say, isTty: false, env, signal });
  if (status !== 0) throw new Error(said.join(''));
}
