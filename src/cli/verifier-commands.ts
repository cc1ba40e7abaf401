import type { CommandEntry } from './command.ts';

/** Of those who judge signatures (pf, gov): verdicts and evidence. */
export const VERIFIER_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'verify',
    summary: 'judge a signed document, offline',
    load: async () => (await import('./verify.ts')).command,
  },
  {
    name: 'inspect',
    summary: 'tell what a signed file shows, without judging it',
    load: async () => (await import('./inspect.ts')).command,
  },
  {
    name: 'evidence export',
    summary: 'write the evidence of one verification as one self-contained file',
    load: async () => (await import('./evidence.ts')).evidenceExport,
  },
  {
    name: 'evidence verify',
    summary: 'decide again from an evidence record, offline',
    load: async () => (await import('./evidence/verify.ts')).evidenceVerify,
  },
  {
    name: 'evidence ageing',
    summary: 'which records lose their proof next, by what and when',
    load: async () => (await import('./evidence-ageing.ts')).evidenceAgeing,
  },
];

/** Of an agency. */
export const AGENCY_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'gov judge-again',
    summary: 'have applications judged once more that ended without a verdict',
    load: async () => (await import('./gov-judge-again.ts')).govJudgeAgain,
  },
];

/** Keys, fees and subjects of a platform operator. */
export const PLATFORM_OPERATOR_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'pf keygen',
    summary: 'make a key pair of the platform operator; prints exactly the public JWK to register',
    load: async () => (await import('./pf.ts')).pfKeygen,
  },
  {
    name: 'pf keys',
    summary: 'list the keys of the platform operator; activate, expire or destroy one',
    load: async () => (await import('./pf.ts')).pfKeys,
  },
  {
    name: 'pf key-protocol',
    summary: 'the signed protocol of a key change that two administrators carried out; judge one',
    load: async () => (await import('./pf/key-protocol.ts')).pfKeyProtocol,
  },
  {
    name: 'pf receipt-keys',
    summary: 'the keys of receipts in a PKCS#11 token; make a new one',
    load: async () => (await import('./pf/token.ts')).pfReceiptKeys,
  },
  {
    name: 'pf statement',
    summary: 'the charged validity checks of one tenant and month, as JSON or CSV',
    load: async () => (await import('./pf/accounts.ts')).pfStatement,
  },
  {
    name: 'pf consents',
    summary: 'under which consents attributes were handed out to a tenant, as JSON',
    load: async () => (await import('./pf/accounts.ts')).pfConsents,
  },
  {
    name: 'pf link-subject',
    summary: 'after a renewed certificate: the citizen keeps the old subject id',
    load: async () => (await import('./pf/accounts.ts')).pfLinkSubject,
  },
  {
    name: 'pf judge-again',
    summary: 'have verifications judged once more that ended without a verdict',
    load: async () => (await import('./pf-judge-again.ts')).pfJudgeAgain,
  },
];
