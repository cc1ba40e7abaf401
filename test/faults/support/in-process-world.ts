import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../../src/adapters/log/pino-log.ts';
import { createWorld } from '../../../src/cli/world/create-world.ts';
import { readPfConfig } from '../../../src/config/pf.ts';
import { readSpConfig } from '../../../src/config/sp.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { startPf } from '../../../src/roles/pf/main.ts';
import { startSp } from '../../../src/roles/sp/main.ts';
import type { SimulatorClient } from '../../../src/simulator/options.ts';
import { startSimulator } from '../../../src/simulator/start-simulator.ts';
import { startPfWorker } from '../../../workers/pf/main.ts';
import { startSpWorker } from '../../../workers/sp/main.ts';
import { type ApiAccess, envOfFile } from '../../integration/rp/world.ts';
import { freePorts } from '../../support/ports.ts';
import { type FaultTap, openFaultTap } from './fault-tap.ts';

interface Closable {
  close(): Promise<void>;
}

/** sp and pf with their workers in this process, on SQLite, with one clock that a test moves. */
export interface InProcessWorld {
  /** Holds the folders `sp` and `pf`. */
  readonly dir: string;
  readonly sp: ApiAccess;
  readonly serviceTap: FaultTap;
  readonly pfTap: FaultTap;
  now(): number;
  advance(millis: number): Promise<void>;
  stopWorkers(): Promise<void>;
  startWorkers(): Promise<void>;
  close(): Promise<void>;
}

export async function startInProcessWorld(
  env: Readonly<Record<string, string>> = {},
): Promise<InProcessWorld> {
  const dir = mkdtempSync(join(tmpdir(), 'jitsuin-faults-in-'));
  const [tapPort = 0, simulatorPort = 0, pfTapPort = 0, pfPort = 0, spPort = 0] = await freePorts(5);
  const base = (port: number) => `http://127.0.0.1:${port}`;
  const world = await createWorld({
    ...{ dir, seed: 'faults', host: '127.0.0.1' },
    ...{ simulatorUrl: base(tapPort), spUrl: base(spPort), govUrl: base(1), pfUrl: base(pfTapPort) },
    ports: { simulator: simulatorPort, pf: pfPort },
  });
  let offset = 0;
  const clock = { now: () => (Date.now() + offset) as EpochMillis };
  const simulator = await startSimulator({
    ...{ host: '127.0.0.1', port: simulatorPort, publicUrl: base(tapPort), seed: 'faults', now: clock.now },
    clients: JSON.parse(readFileSync(join(dir, 'simulator', 'clients.json'), 'utf8')) as SimulatorClient[],
  });
  const taps = [await openFaultTap(tapPort, simulatorPort), await openFaultTap(pfTapPort, pfPort)] as const;
  const own = { clock, log: silentLog };
  const spConfig = readSpConfig({ ...envOfFile(world, 'sp'), ...env });
  const pfConfig = readPfConfig(envOfFile(world, 'pf'));
  const servers = [await startPf(pfConfig, own), await startSp(spConfig, own)];
  let workers: readonly Closable[] = [];
  const startWorkers = async () => {
    workers = [await startPfWorker(pfConfig, own), await startSpWorker(spConfig, own)];
  };
  const stopWorkers = async () => {
    for (const worker of workers) await worker.close();
    workers = [];
  };
  await startWorkers();
  return {
    dir,
    sp: { url: base(spPort), apiKey: world.spApiKey },
    serviceTap: taps[0],
    pfTap: taps[1],
    now: clock.now,
    advance: async (millis) => {
      offset += millis;
    },
    ...{ startWorkers, stopWorkers },
    close: async () => {
      await stopWorkers();
      for (const server of servers) await server.close();
      for (const tap of taps) await tap.close();
      await simulator.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
