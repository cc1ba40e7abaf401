import { roleProgram } from './role-program.ts';
import { PLATFORM_OPERATOR_COMMANDS, VERIFIER_COMMANDS } from './verifier-commands.ts';

/** The program of a platform operator. */
export const PF_PROGRAM = roleProgram({
  role: 'pf',
  about: 'jitsuin-pf (実印): a platform operator (プラットフォーム事業者)',
  starters: () => import('./pf-roles.ts'),
  examination: async () => (await import('./doctor/pf.ts')).examinePfRole,
  commands: [...VERIFIER_COMMANDS, ...PLATFORM_OPERATOR_COMMANDS],
});
