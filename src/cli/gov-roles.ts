import type { Starters } from './run-role.ts';

export const server: Starters = {
  gov: async (env, options, shared) => {
    const [{ startGov }, { readGovConfig }] = await Promise.all([
      import('../roles/gov/main.ts'),
      import('../config/gov.ts'),
    ]);
    return startGov(readGovConfig(env, options), shared);
  },
};

export const worker: Starters = {
  gov: async (env, options, shared) => {
    const [{ startGovWorker }, { readGovConfig }] = await Promise.all([
      import('../../workers/gov/main.ts'),
      import('../config/gov.ts'),
    ]);
    return startGovWorker(readGovConfig(env, options), shared);
  },
};
