import type { Command } from './command.ts';
import { doctorCommand } from './doctor/command.ts';

/** Each role is loaded only when asked for. */
export const doctor: Command = doctorCommand({
  sp: async (env, token, options) => (await import('./doctor/sp.ts')).examineSp(env, token, options),
  gov: async (env, token, options) => (await import('./doctor/gov.ts')).examineGov(env, token, options),
  pf: async (env, token, options) => (await import('./doctor/pf.ts')).examinePfRole(env, token, options),
});
