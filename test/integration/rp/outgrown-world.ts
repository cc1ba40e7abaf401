import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { createLog } from '../../../src/adapters/log/pino-log.ts';
import { migrate } from '../../../src/cli/migrate.ts';
import { createWorld } from '../../../src/cli/world/create-world.ts';
import { readGovConfig } from '../../../src/config/gov.ts';
import { readPfConfig } from '../../../src/config/pf.ts';
import { readSpConfig } from '../../../src/config/sp.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import { startGov } from '../../../src/roles/gov/main.ts';
import { startPf } from '../../../src/roles/pf/main.ts';
import { startSp } from '../../../src/roles/sp/main.ts';
import type { Simulator, SimulatorClient } from '../../../src/simulator/options.ts';
import { startSimulator } from '../../../src/simulator/start-simulator.ts';
import { startGovWorker } from '../../../workers/gov/main.ts';
import { startPfWorker } from '../../../workers/pf/main.ts';
import { startSpWorker } from '../../../workers/sp/main.ts';
import { freePorts } from '../../support/ports.ts';
import { TEST_DATABASE_URL, TEST_REDIS_URL } from '../../support/servers.ts';
import { type ApiAccess, envOfFile } from './world.ts';

/** A part of the world in this process, as `serve` or `worker` would run it. */
export type PartName = 'sp' | 'sp-worker' | 'gov' | 'gov-worker' | 'pf' | 'pf-worker';

interface Closable {
  close(): Promise<void>;
}

/** sp, gov and pf with their workers on PostgreSQL and Redis, in schemas and under a key prefix of their own. */
export interface OutgrownWorld {
  /** Folder of the made world. */
  readonly dir: string;
  readonly simulator: Simulator;
  readonly sp: ApiAccess;
  readonly gov: ApiAccess;
  /** Everything that the roles and workers logged. */
  readonly logLines: readonly string[];
  /** Redis keys of all three roles begin with it. */
  readonly prefix: string;
  /** Moves the clock of everybody, the simulator too: no verdict comes about by a clock that differs from the source's. */
  advance(millis: number): Promise<void>;
  schemaOf(role: 'sp' | 'gov' | 'pf'): string;
  /** The environment of a role, as `--env-file` would have it. */
  env(role: 'sp' | 'gov' | 'pf'): Record<string, string>;
  start(...parts: readonly PartName[]): Promise<void>;
  stop(...parts: readonly PartName[]): Promise<void>;
  close(): Promise<void>;
}

export interface OutgrownOptions {
  /** Where the roles find the servers; default: the test servers themselves. */
  readonly redisUrl?: string;
  readonly databaseUrl?: string;
  /** `none`: the same world embedded, each role on its SQLite file and its SQL queue. */
  readonly servers?: 'both' | 'none';
  /** Variables of every role beside those of a simulated world. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Everything made, schemas migrated by `jitsuin migrate`, and nothing but the simulator started. */
export async function makeOutgrownWorld(options: OutgrownOptions = {}): Promise<OutgrownWorld> {
  const { redisUrl = TEST_REDIS_URL, databaseUrl = TEST_DATABASE_URL } = options;
  const embedded = options.servers === 'none';
  const dir = mkdtempSync(join(tmpdir(), 'jitsuin-outgrown-'));
  const name = `jt_${process.pid}_${randomBytes(4).toString('hex')}`;
  const [simulatorPort, spPort, govPort, pfPort] = await freePorts(4);
  const base = (port: number | undefined) => `http://127.0.0.1:${port}`;
  const world = await createWorld({
    ...{ dir: join(dir, 'world'), seed: 'integration', host: '127.0.0.1' },
    ...{ simulatorUrl: base(simulatorPort), spUrl: base(spPort), govUrl: base(govPort), pfUrl: base(pfPort) },
    ...(embedded ? {} : { databaseUrl, redisUrl, sharedServersName: name }),
  });
  if (!embedded)
    for (const role of ['sp', 'gov', 'pf'] as const) await migrateRole(role, envOfFile(world, role));
  let offset = 0;
  const clock = { now: () => (Date.now() + offset) as EpochMillis };
  const simulator = await startSimulatorOf(world.dir, simulatorPort ?? 0, clock);
  const logLines: string[] = [];
  const running = new Map<PartName, Closable>();
  const stop = async (...parts: readonly PartName[]) => {
    for (const part of parts) {
      await running.get(part)?.close();
      running.delete(part);
    }
  };
  return {
    dir: world.dir,
    simulator,
    sp: { url: base(spPort), apiKey: world.spApiKey },
    gov: { url: base(govPort), apiKey: world.govApiKey },
    logLines,
    prefix: name,
    advance: async (millis) => {
      offset += millis;
    },
    schemaOf: (role) => `${name}_${role}`,
    env: (role) => ({ ...envOfFile(world, role), ...options.env }),
    start: async (...parts) => {
      for (const part of parts) {
        const role = part.replace('-worker', '') as 'sp' | 'gov' | 'pf';
        const log = createLog({
          role: part,
          destination: { write: (line: string) => void logLines.push(line) },
        });
        running.set(
          part,
          await STARTERS[part]({ ...envOfFile(world, role), ...options.env }, { log, clock }),
        );
      }
    },
    stop,
    close: async () => {
      await stop(...running.keys());
      await simulator.close();
      if (!embedded) await cleanUp(name, redisUrl, databaseUrl);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

type Overrides = Parameters<typeof startSp>[1];

const STARTERS: Readonly<
  Record<PartName, (env: Record<string, string>, overrides: Overrides) => Promise<Closable>>
> = {
  sp: (env, overrides) => startSp(readSpConfig(env), overrides),
  'sp-worker': (env, overrides) => startSpWorker(readSpConfig(env), overrides),
  gov: (env, overrides) => startGov(readGovConfig(env), overrides),
  'gov-worker': (env, overrides) => startGovWorker(readGovConfig(env), overrides),
  pf: (env, overrides) => startPf(readPfConfig(env), overrides),
  'pf-worker': (env, overrides) => startPfWorker(readPfConfig(env), overrides),
};

export async function migrateRole(role: 'sp' | 'gov' | 'pf', env: Record<string, string>): Promise<void> {
  const said: string[] = [];
  const io = {
    stdout: (text: string) => void said.push(text),
    stderr: (text: string) => void said.push(text),
    ...{ isTty: false, env, signal: new AbortController().signal },
  };
  const status = await migrate.run(['--role', role, '--json'], io);
  if (status !== 0) throw new Error(said.join(''));
}

function startSimulatorOf(dir: string, port: number, clock: Clock): Promise<Simulator> {
  const clients = JSON.parse(
    readFileSync(join(dir, 'simulator', 'clients.json'), 'utf8'),
  ) as SimulatorClient[];
  return startSimulator({ host: '127.0.0.1', port, seed: 'integration', now: () => clock.now(), clients });
}

/** Drops the schemas of this world and deletes its keys; nothing else on the servers is touched. */
export async function cleanUp(
  name: string,
  redisUrl: string,
  databaseUrl = TEST_DATABASE_URL,
): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  for (const role of ['sp', 'gov', 'pf'])
    await client.query(`drop schema if exists "${name}_${role}" cascade`);
  await client.end();
  const redis = new Redis(redisUrl);
  const keys = await redis.keys(`${name}:*`);
  if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();
}
