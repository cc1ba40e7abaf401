import type { Starters } from './run-role.ts';

export const server: Starters = {
  pf: async (env, options, shared) => {
    const [{ startPf }, { readPfConfig }] = await Promise.all([
      import('../roles/pf/main.ts'),
      import('../config/pf.ts'),
    ]);
    return startPf(readPfConfig(env, options), shared);
  },
};

export const worker: Starters = {
  pf: async (env, options, shared) => {
    const [{ startPfWorker }, { readPfConfig }] = await Promise.all([
      import('../../workers/pf/main.ts'),
      import('../config/pf.ts'),
    ]);
    return startPfWorker(readPfConfig(env, options), shared);
  },
};
