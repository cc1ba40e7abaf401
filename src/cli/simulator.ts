import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { systemClock } from '../adapters/clock.ts';
import type { Environment } from '../config/relying-party.ts';
import { defined } from '../core/defined.ts';
import { JitsuinError } from '../core/errors.ts';
import { clientSchema } from '../simulator/admin-schemas.ts';
import type { SimulatorClient } from '../simulator/options.ts';
import { startSimulator } from '../simulator/start-simulator.ts';
import type { Running } from './running.ts';

const environmentSchema = z.object({
  JITSUIN_HOST: z.string().default('127.0.0.1'),
  JITSUIN_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  JITSUIN_PUBLIC_URL: z.url().optional(),
  JITSUIN_SIMULATOR_SEED: z.string().min(1).default('jitsuin'),
  JITSUIN_SIMULATOR_CLIENTS_FILE: z.string().min(1).optional(),
});

/** Runs the simulator from its environment: JITSUIN_SIMULATOR_SEED and a JSON list of clients. */
export async function serveSimulator(env: Environment): Promise<Running> {
  const parsed = environmentSchema.safeParse(env);
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('.') ?? 'environment';
    throw new JitsuinError('config.invalid', `${where} is not acceptable.`, { at: where });
  }
  const config = parsed.data;
  return startSimulator(
    defined({
      host: config.JITSUIN_HOST,
      port: config.JITSUIN_PORT,
      publicUrl: config.JITSUIN_PUBLIC_URL,
      seed: config.JITSUIN_SIMULATOR_SEED,
      now: () => systemClock.now(),
      clients: readClients(config.JITSUIN_SIMULATOR_CLIENTS_FILE),
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
