import { readFileSync } from 'node:fs';
import { systemClock } from '../adapters/clock.ts';
import type { Environment } from '../config/names.ts';
import type { ReadingOptions } from '../config/read.ts';
import { readSimulatorConfig } from '../config/simulator.ts';
import { defined } from '../core/defined.ts';
import { readClients } from '../simulator/register-client.ts';
import { startSimulator } from '../simulator/start-simulator.ts';
import type { Running } from './running.ts';

/** Runs the simulator from its environment: JITSUIN_SIMULATOR_SEED and a JSON list of clients. */
export async function serveSimulator(env: Environment, options: ReadingOptions): Promise<Running> {
  const config = readSimulatorConfig(env, options);
  return startSimulator(
    defined({
      host: config.host,
      port: config.port,
      publicUrl: config.publicUrl,
      seed: config.seed,
      now: () => systemClock.now(),
      clients:
        config.clientsFile === undefined
          ? []
          : readClients(readFileSync(config.clientsFile, 'utf8'), config.clientsFile),
      adminAccess: config.controls === 'anyone' ? 'any' : 'loopback',
    }),
  );
}
