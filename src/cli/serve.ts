import type { Command } from './command.ts';
import { serveCommand, workerCommand } from './run-role.ts';
import { SP_SERVER, SP_WORKER } from './sp-roles.ts';

export const serve: Command = serveCommand({
  ...SP_SERVER,
  gov: async (env, options) => {
    const [{ startGov }, { readGovConfig }] = await Promise.all([
      import('../roles/gov/main.ts'),
      import('../config/gov.ts'),
    ]);
    return startGov(readGovConfig(env, options));
  },
  pf: async (env, options) => {
    const [{ startPf }, { readPfConfig }] = await Promise.all([
      import('../roles/pf/main.ts'),
      import('../config/pf.ts'),
    ]);
    return startPf(readPfConfig(env, options));
  },
  simulator: async (env, options) => {
    const { serveSimulator } = await import('./simulator.ts');
    return serveSimulator(env, options);
  },
});

export const worker: Command = workerCommand({
  ...SP_WORKER,
  gov: async (env, options) => {
    const [{ startGovWorker }, { readGovConfig }] = await Promise.all([
      import('../../workers/gov/main.ts'),
      import('../config/gov.ts'),
    ]);
    return startGovWorker(readGovConfig(env, options));
  },
  pf: async (env, options) => {
    const [{ startPfWorker }, { readPfConfig }] = await Promise.all([
      import('../../workers/pf/main.ts'),
      import('../config/pf.ts'),
    ]);
    return startPfWorker(readPfConfig(env, options));
  },
});
