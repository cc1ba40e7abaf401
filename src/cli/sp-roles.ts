import type { Starters } from './run-role.ts';

export const server: Starters = {
  sp: async (env, options, shared) => {
    const [{ startSp }, { readSpConfig }] = await Promise.all([
      import('../roles/sp/main.ts'),
      import('../config/sp.ts'),
    ]);
    return startSp(readSpConfig(env, options), shared);
  },
};

export const worker: Starters = {
  sp: async (env, options, shared) => {
    const [{ startSpWorker }, { readSpConfig }] = await Promise.all([
      import('../../workers/sp/main.ts'),
      import('../config/sp.ts'),
    ]);
    return startSpWorker(readSpConfig(env, options), shared);
  },
};
