import type { Command } from './command.ts';
import { serveCommand, workerCommand } from './run-role.ts';
import { SP_SERVER, SP_WORKER } from './sp-roles.ts';

export const serve: Command = serveCommand({
  ...SP_SERVER,
  gov: async (env) => {
    const [{ startGov }, { readGovConfig }] = await Promise.all([
      import('../roles/gov/main.ts'),
      import('../config/gov.ts'),
    ]);
    return startGov(readGovConfig(env));
  },
  pf: async (env) => {
    const [{ startPf }, { readPfConfig }] = await Promise.all([
      import('../roles/pf/main.ts'),
      import('../config/pf.ts'),
    ]);
    return startPf(readPfConfig(env));
  },
  simulator: async (env) => {
    const { serveSimulator } = await import('./simulator.ts');
    return serveSimulator(env);
  },
});

export const worker: Command = workerCommand({
  ...SP_WORKER,
  gov: async (env) => {
    const [{ startGovWorker }, { readGovConfig }] = await Promise.all([
      import('../../workers/gov/main.ts'),
      import('../config/gov.ts'),
    ]);
    return startGovWorker(readGovConfig(env));
  },
  pf: async (env) => {
    const [{ startPfWorker }, { readPfConfig }] = await Promise.all([
      import('../../workers/pf/main.ts'),
      import('../config/pf.ts'),
    ]);
    return startPfWorker(readPfConfig(env));
  },
});
