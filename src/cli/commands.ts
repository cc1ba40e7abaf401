import type { CommandEntry } from './command.ts';
import { OPERATING_COMMANDS } from './operating-commands.ts';
import { AGENCY_COMMANDS, PLATFORM_OPERATOR_COMMANDS, VERIFIER_COMMANDS } from './verifier-commands.ts';

/** Every command of `jitsuin`, in the order of the overview. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'demo',
    summary: 'sign applications from beginning to end on this machine, with a simulated citizen',
    load: async () => (await import('./demo.ts')).demo,
  },
  {
    name: 'simulator',
    summary: 'the pretended service on one port, with a page that says what is wrong in your requests',
    load: async () => (await import('./simulator-command.ts')).simulator,
  },
  {
    name: 'rp-test',
    summary:
      'judge a relying party: log in to it again and again, and name what it does wrong or fails to refuse',
    load: async () => (await import('./rp-test.ts')).rpTest,
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
  {
    name: 'capacity',
    summary: 'what a number of applications needs: processes, database, Redis, disk, rate at the service',
    load: async () => (await import('./capacity.ts')).capacity,
  },
  {
    name: 'rehearse',
    summary: 'rehearse a day of many applications, with outages, against a deployment that has the simulator',
    load: async () => (await import('./rehearse.ts')).rehearse,
  },
  {
    name: 'applications submit',
    summary: 'hand the documents of a folder or a list to a running sp or gov; one table of sign links out',
    load: async () => (await import('./applications/submit.ts')).applicationsSubmit,
  },
  {
    name: 'applications list',
    summary: 'list the applications of a tenant at a running sp or gov',
    load: async () => (await import('./applications/list.ts')).applicationsList,
  },
  {
    name: 'applications wait',
    summary: 'wait until every application of a table has come to its end',
    load: async () => (await import('./applications/wait.ts')).applicationsWait,
  },
  {
    name: 'applications fetch',
    summary:
      'fetch receipts, or reports with documents and evidence, of every decided application of a table',
    load: async () => (await import('./applications/fetch.ts')).applicationsFetch,
  },
  {
    name: 'listen',
    summary: 'send the webhooks of a running sp or gov to a program on this machine, for developers',
    load: async () => (await import('./applications/listen.ts')).listen,
  },
  ...VERIFIER_COMMANDS,
  ...OPERATING_COMMANDS,
  ...PLATFORM_OPERATOR_COMMANDS,
  ...AGENCY_COMMANDS,
  {
    name: 'openapi',
    summary: 'print the OpenAPI 3.1 document of a role: sp, gov, pf',
    load: async () => (await import('./openapi.ts')).openapi,
  },
];
