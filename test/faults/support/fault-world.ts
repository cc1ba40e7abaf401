import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createWorld } from '../../../src/cli/world/create-world.ts';
import type { World } from '../../../src/cli/world/world-options.ts';
import type { Simulator, SimulatorClient, SimulatorOptions } from '../../../src/simulator/options.ts';
import { startSimulator } from '../../../src/simulator/start-simulator.ts';
import { cleanUp, migrateRole } from '../../integration/rp/outgrown-world.ts';
import { type ApiAccess, envOfFile } from '../../integration/rp/world.ts';
import { setInEnvFile } from '../../support/env-file.ts';
import { freePorts } from '../../support/ports.ts';
import { TEST_DATABASE_URL, TEST_REDIS_URL } from '../../support/servers.ts';
import { type FaultTap, openFaultTap } from './fault-tap.ts';
import { builtProgram } from './program.ts';
import { RoleProcess } from './role-process.ts';

export type Party = 'sp' | 'gov';
export type ProcessName =
  | 'sp serve'
  | 'sp worker'
  | 'sp worker 2'
  | 'gov serve'
  | 'gov worker'
  | 'pf serve'
  | 'pf worker';

export interface FaultWorldOptions {
  /** Whose applications they are; default sp, which hands them to pf. */
  readonly party?: Party;
  /** `both`: on PostgreSQL and Redis; default: each role on its SQLite file. */
  readonly servers?: 'both' | 'none';
  /** `serve --with-worker`: one process a role. */
  readonly together?: boolean;
  /** A second worker of the party on the same store. */
  readonly workers?: 1 | 2;
  /** Variables of the relying party beside those of a simulated world. */
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of the test servers. */
  readonly redisUrl?: string;
  readonly databaseUrl?: string;
  /** The built `main.js` of another commit instead of this one's. */
  readonly program?: string;
}

/** Where the data of the roles lie. */
export type Place =
  | { readonly kind: 'files'; readonly dir: string }
  | { readonly kind: 'schemas'; readonly url: string; readonly name: string };

/** A relying party (and pf, for an sp) as real processes; the simulator here, behind taps; one clock for all of them. */
export interface FaultWorld {
  readonly world: World;
  readonly party: Party;
  readonly place: Place;
  /** Access to the relying party, whichever it is. */
  readonly sp: ApiAccess;
  readonly simulator: Simulator;
  readonly names: readonly ProcessName[];
  process(name: ProcessName): RoleProcess;
  /** Everything to the service and to JPKI. */
  readonly serviceTap: FaultTap;
  /** sp worker → pf. */
  readonly pfTap: FaultTap;
  /** True when every process has said that it runs. */
  running(): boolean;
  now(): number;
  /** Moves the clock of every process and of the simulator. */
  advance(millis: number): Promise<void>;
  close(): Promise<void>;
}

export async function startFaultWorld(options: FaultWorldOptions = {}): Promise<FaultWorld> {
  const { party = 'sp', servers = 'none' } = options;
  const { redisUrl = TEST_REDIS_URL, databaseUrl = TEST_DATABASE_URL } = options;
  const dir = mkdtempSync(join(tmpdir(), 'jitsuin-faults-'));
  const [tapPort = 0, simulatorPort = 0, pfTapPort = 0, pfPort = 0, partyPort = 0] = await freePorts(5);
  const base = (port: number) => `http://127.0.0.1:${port}`;
  const url = (role: Party) => base(role === party ? partyPort : 1);
  const name = `jt_${process.pid}_${randomBytes(4).toString('hex')}`;
  const shared = { databaseUrl, redisUrl, sharedServersName: name };
  const world = await createWorld({
    ...{ dir: join(dir, 'world'), seed: 'faults', host: '127.0.0.1' },
    ...{ simulatorUrl: base(tapPort), spUrl: url('sp'), govUrl: url('gov'), pfUrl: base(pfTapPort) },
    ...(servers === 'both' ? shared : {}),
    ports: { simulator: simulatorPort, pf: pfPort },
  });
  if (servers === 'both')
    for (const role of ['sp', 'gov', 'pf'] as const) await migrated(role, world, options.program);
  for (const [variable, value] of Object.entries(options.env ?? {}))
    setInEnvFile(world.envFiles[party], { [variable]: value });
  const clock = { offset: 0 };
  const simulator = await startSimulator({
    ...{ host: '127.0.0.1', port: simulatorPort, publicUrl: base(tapPort), seed: 'faults' },
    now: () => (Date.now() + clock.offset) as ReturnType<SimulatorOptions['now']>,
    clients: JSON.parse(
      readFileSync(join(world.dir, 'simulator', 'clients.json'), 'utf8'),
    ) as SimulatorClient[],
  });
  const serviceTap = await openFaultTap(tapPort, simulatorPort);
  const pfTap = await openFaultTap(pfTapPort, pfPort);
  const processes = startProcesses(world, clock, options);
  const all = [...processes.values()];
  await Promise.all(all.map((process) => process.ready()));
  return {
    ...{ world, party, simulator, serviceTap, pfTap },
    place:
      servers === 'both' ? { kind: 'schemas', url: databaseUrl, name } : { kind: 'files', dir: world.dir },
    sp: { url: base(partyPort), apiKey: party === 'sp' ? world.spApiKey : world.govApiKey },
    names: [...processes.keys()],
    process: (wanted) => {
      const found = processes.get(wanted);
      if (found === undefined) throw new Error(`There is no ${wanted} in this world.`);
      return found;
    },
    running: () => all.every(({ isReady }) => isReady),
    now: () => Date.now() + clock.offset,
    advance: async (millis) => {
      clock.offset += millis;
      await Promise.all(all.map((process) => process.setClock(clock.offset)));
    },
    close: async () => {
      await Promise.all(all.map((process) => process.stop()));
      await Promise.all([serviceTap.close(), pfTap.close()]);
      await simulator.close();
      if (servers === 'both') await cleanUp(name, redisUrl);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Another commit's program works on a schema that it made itself. */
async function migrated(role: Party | 'pf', world: World, program: string | undefined): Promise<void> {
  if (program === undefined) return migrateRole(role, envOfFile(world, role));
  const args = [program, 'migrate', '--role', role, '--env-file', world.envFiles[role], '--json'];
  await promisify(execFile)(process.execPath, args, { env: { PATH: process.env['PATH'] ?? '' } });
}

function namesOf({ party = 'sp', workers = 1, together }: FaultWorldOptions): readonly ProcessName[] {
  if (together === true) return party === 'gov' ? ['gov serve'] : ['sp serve', 'pf serve'];
  if (party === 'gov') return ['gov serve', 'gov worker'];
  const second: readonly ProcessName[] = workers === 2 ? ['sp worker 2'] : [];
  return ['sp serve', 'sp worker', ...second, 'pf serve', 'pf worker'];
}

function startProcesses(
  world: World,
  clock: { readonly offset: number },
  options: FaultWorldOptions,
): ReadonlyMap<ProcessName, RoleProcess> {
  const { program = builtProgram(), together = false } = options;
  const start = (name: ProcessName): [ProcessName, RoleProcess] => {
    const [role = '', verb = '', copy = ''] = name.split(' ');
    const process = new RoleProcess({
      ...{ name, program, clockOffset: () => clock.offset },
      args: [
        verb,
        ...(together ? ['--with-worker'] : []),
        ...['--role', role, '--env-file', world.envFiles[role as Party | 'pf'], '--json'],
      ],
      pointFile: join(world.dir, `${role}-${verb}${copy}.point.json`),
    });
    process.start();
    return [name, process];
  };
  return new Map(namesOf(options).map(start));
}
