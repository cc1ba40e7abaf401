import type { CommandEntry } from './command.ts';
import { OPERATING_COMMANDS } from './operating-commands.ts';

/** Every command of `jitsuin`, in the order of the overview. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'demo',
    summary: 'sign applications from beginning to end on this machine, with a simulated citizen',
    load: async () => (await import('./demo.ts')).demo,
  },
  {
    name: 'verify',
    summary: 'judge a signed document, offline',
    load: async () => (await import('./verify.ts')).command,
  },
  {
    name: 'c14n',
    summary: 'canonicalize a document or one element of it',
    load: async () => (await import('./c14n.ts')).command,
  },
  {
    name: 'prepare',
    summary: 'make data and a resumable state from a document to be signed',
    load: async () => (await import('./prepare.ts')).command,
  },
  {
    name: 'assemble',
    summary: 'put signature value and certificate into a prepared document',
    load: async () => (await import('./assemble.ts')).command,
  },
  {
    name: 'init',
    summary: 'make keys and configuration of a whole simulated world in one folder',
    load: async () => (await import('./init.ts')).init,
  },
  {
    name: 'serve',
    summary: 'run the HTTP part of a role: sp, gov, pf, or the simulator',
    load: async () => (await import('./serve.ts')).serve,
  },
  {
    name: 'worker',
    summary: 'run the background jobs of a role: sp, gov, pf',
    load: async () => (await import('./serve.ts')).worker,
  },
  {
    name: 'doctor',
    summary: 'examine configuration, keys, clocks, reachability, store and trust of a role; says what to do',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  ...OPERATING_COMMANDS,
  {
    name: 'operator invite',
    summary: 'print a one-time link by which an operator registers a passkey for the console',
    load: async () => (await import('./operator.ts')).operatorInvite,
  },
  {
    name: 'operator list',
    summary: 'list the operators of a console with role and state',
    load: async () => (await import('./operator.ts')).operatorList,
  },
  {
    name: 'operator disable',
    summary: 'shut an operator out of the console at once',
    load: async () => (await import('./operator.ts')).operatorDisable,
  },
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
    name: 'pf statement',
    summary: 'the charged validity checks of one tenant and month, as JSON or CSV',
    load: async () => (await import('./pf-accounts.ts')).pfStatement,
  },
  {
    name: 'pf consents',
    summary: 'under which consents attributes were handed out to a tenant, as JSON',
    load: async () => (await import('./pf-accounts.ts')).pfConsents,
  },
  {
    name: 'pf link-subject',
    summary: 'after a renewed certificate: the citizen keeps the old subject id',
    load: async () => (await import('./pf-accounts.ts')).pfLinkSubject,
  },
  {
    name: 'evidence export',
    summary: 'write the evidence of one verification as one self-contained file',
    load: async () => (await import('./evidence.ts')).evidenceExport,
  },
  {
    name: 'evidence verify',
    summary: 'decide again from an evidence record, offline',
    load: async () => (await import('./evidence-verify.ts')).evidenceVerify,
  },
  {
    name: 'openapi',
    summary: 'print the OpenAPI 3.1 document of a role: sp, gov, pf',
    load: async () => (await import('./openapi.ts')).openapi,
  },
];
