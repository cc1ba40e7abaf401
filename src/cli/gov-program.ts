import { roleProgram } from './role-program.ts';
import { AGENCY_COMMANDS, VERIFIER_COMMANDS } from './verifier-commands.ts';

/** The program of an agency. */
export const GOV_PROGRAM = roleProgram({
  role: 'gov',
  about: 'jitsuin-gov (実印): an agency (行政機関等) that verifies for itself',
  starters: () => import('./gov-roles.ts'),
  examination: async () => (await import('./doctor/gov.ts')).examineGov,
  commands: [...VERIFIER_COMMANDS, ...AGENCY_COMMANDS],
});
