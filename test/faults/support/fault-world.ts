import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWorld } from '../../../src/cli/world/create-world.ts';
import type { World } from '../../../src/cli/world/world-options.ts';
import type { Simulator, SimulatorClient, SimulatorOptions } from '../../../src/simulator/options.ts';
import { startSimulator } from '../../../src/simulator/start-simulator.ts';
import type { ApiAccess } from '../../integration/rp/world.ts';
import { freePorts } from '../../support/ports.ts';
import { type FaultTap, openFaultTap } from './fault-tap.ts';
import { builtProgram } from './program.ts';
import { RoleProcess } from './role-process.ts';

export type ProcessName = 'sp serve' | 'sp worker' | 'pf serve' | 'pf worker';

/** sp and pf as four real processes on SQLite; the simulator here, behind taps; one clock for all of them. */
export interface FaultWorld {
  readonly world: World;
  readonly sp: ApiAccess;
  readonly simulator: Simulator;
  readonly processes: Readonly<Record<ProcessName, RoleProcess>>;
  /** Everything to the service and to JPKI. */
  readonly serviceTap: FaultTap;
  /** sp worker → pf. */
  readonly pfTap: FaultTap;
  now(): number;
  /** Moves the clock of every process and of the simulator. */
  advance(millis: number): Promise<void>;
  close(): Promise<void>;
}

export async function startFaultWorld(): Promise<FaultWorld> {
  const dir = mkdtempSync(join(tmpdir(), 'jitsuin-faults-'));
  const [tapPort = 0, simulatorPort = 0, pfTapPort = 0, pfPort = 0, spPort = 0] = await freePorts(5);
  const base = (port: number) => `http://127.0.0.1:${port}`;
  const world = await createWorld({
    ...{ dir: join(dir, 'world'), seed: 'faults', host: '127.0.0.1' },
    ...{ simulatorUrl: base(tapPort), spUrl: base(spPort), govUrl: base(1), pfUrl: base(pfTapPort) },
    ports: { simulator: simulatorPort, pf: pfPort },
  });
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
  const processes = startProcesses(world, clock);
  const all = Object.values(processes);
  await Promise.all(all.map((process) => process.ready()));
  return {
    ...{ world, simulator, processes, serviceTap, pfTap },
    sp: { url: base(spPort), apiKey: world.spApiKey },
    now: () => Date.now() + clock.offset,
    advance: async (millis) => {
      clock.offset += millis;
      await Promise.all(all.map((process) => process.setClock(clock.offset)));
    },
    close: async () => {
      await Promise.all(all.map((process) => process.stop()));
      await Promise.all([serviceTap.close(), pfTap.close()]);
      await simulator.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function startProcesses(
  world: World,
  clock: { readonly offset: number },
): Readonly<Record<ProcessName, RoleProcess>> {
  const program = builtProgram();
  const start = (name: ProcessName) => {
    const [role = '', verb = ''] = name.split(' ');
    const process = new RoleProcess({
      ...{ name, program, clockOffset: () => clock.offset },
      args: [verb, '--role', role, '--env-file', world.envFiles[role as 'sp' | 'pf'], '--json'],
      pointFile: join(world.dir, `${role}-${verb}.point.json`),
    });
    process.start();
    return process;
  };
  return {
    'sp serve': start('sp serve'),
    'sp worker': start('sp worker'),
    'pf serve': start('pf serve'),
    'pf worker': start('pf worker'),
  };
}
