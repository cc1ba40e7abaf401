import type { Command } from './command.ts';
import * as gov from './gov-roles.ts';
import * as pf from './pf-roles.ts';
import { serveCommand, workerCommand } from './run-role.ts';
import * as sp from './sp-roles.ts';

export const serve: Command = serveCommand({
  ...sp.server,
  ...gov.server,
  ...pf.server,
  simulator: async (env, options) => {
    const { serveSimulator } = await import('./simulator.ts');
    return serveSimulator(env, options);
  },
});

export const worker: Command = workerCommand({ ...sp.worker, ...gov.worker, ...pf.worker });
