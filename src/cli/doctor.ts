import type { Command } from './command.ts';
import { doctorCommand } from './doctor/command.ts';

/** Each role is loaded only when asked for. */
export const doctor: Command = doctorCommand({
  sp: async (env, token, options) => {
    const { examineSp } = await import('./doctor/sp.ts');
    return examineSp(env, token, options);
  },
  gov: async (env, token, options) => {
    const [{ readGovConfig }, { examineRelyingParty }, { examineVerifier }] = await Promise.all([
      import('../config/gov.ts'),
      import('./doctor/relying-party.ts'),
      import('./doctor/verifier.ts'),
    ]);
    const config = readGovConfig(env, options);
    return [...(await examineRelyingParty('gov', config, token)), ...(await examineVerifier(config))];
  },
  pf: async (env, _token, options) => {
    const [{ readPfConfig }, { examinePf }] = await Promise.all([
      import('../config/pf.ts'),
      import('./doctor/platform-operator.ts'),
    ]);
    return examinePf(readPfConfig(env, options));
  },
});
