import type { Command } from './command.ts';
import * as gov from './gov-roles.ts';
import * as pf from './pf-roles.ts';
import { serveCommand, workerCommand } from './run-role.ts';
import * as sp from './sp-roles.ts';

const WORKERS = { ...sp.worker, ...gov.worker, ...pf.worker };

export const serve: Command = serveCommand(
  {
    ...sp.server,
    ...gov.server,
    ...pf.server,
    simulator: async (env, options) => {
      const { serveSimulator } = await import('./simulator.ts');
      return serveSimulator(env, options);
    },
  },
  WORKERS,
);

export const worker: Command = workerCommand(WORKERS);
