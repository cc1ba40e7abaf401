import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { systemClock } from '../adapters/clock.ts';
import type { Environment } from '../config/names.ts';
import type { ReadingOptions } from '../config/read.ts';
import { readSimulatorConfig } from '../config/simulator.ts';
import { defined } from '../core/defined.ts';
import { JitsuinError } from '../core/errors.ts';
import { clientSchema } from '../simulator/admin-schemas.ts';
import type { SimulatorClient } from '../simulator/options.ts';
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
      clients: readClients(config.clientsFile),
      adminAccess: config.controls === 'anyone' ? 'any' : 'loopback',
    }),
  );
}

function readClients(file: string | undefined): readonly SimulatorClient[] {
  if (file === undefined) return [];
  const parsed = z.array(clientSchema).safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new JitsuinError('config.invalid', `The simulator's clients file is not acceptable at ${where}.`, {
    at: file,
  });
}
