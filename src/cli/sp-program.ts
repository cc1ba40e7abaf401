import { roleProgram } from './role-program.ts';

/**
 * The program of a private relying party. It can reach nothing that opens a result or knows a certificate, and its
 * build output holds nothing else than what it reaches (scripts/build.mjs, scripts/sp-reach.mjs).
 */
export const SP_PROGRAM = roleProgram({
  role: 'sp',
  about: 'jitsuin-sp (実印): a private relying party of デジタル認証アプリ, and nothing else',
  starters: () => import('./sp-roles.ts'),
  examination: async () => (await import('./doctor/sp.ts')).examineSp,
  commands: [],
});
