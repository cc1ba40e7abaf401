import type { CommandEntry } from './command.ts';

/** What every role's store and keys are kept with: in each program, and reaching nothing that an sp may not hold. */
export const OPERATING_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'health',
    summary: 'ask whether the process on this machine can do its work; for health checks',
    load: async () => (await import('./health.ts')).health,
  },
  {
    name: 'migrate',
    summary: 'bring the database schema of a role up to this program',
    load: async () => (await import('./migrate.ts')).migrate,
  },
  {
    name: 'store move',
    summary: 'move the embedded store of a role to PostgreSQL, counted and verified',
    load: async () => (await import('./store/move.ts')).storeMove,
  },
  {
    name: 'store backup',
    summary: 'copy the embedded store of a role to a file while it runs',
    load: async () => (await import('./store/backup.ts')).storeBackup,
  },
  {
    name: 'store restored',
    summary: 'declare that a store was put back from a backup: what was open becomes void',
    load: async () => (await import('./store/restored.ts')).storeRestored,
  },
  {
    name: 'jobs list',
    summary: 'count the jobs of a role and list its dead letters with their reason',
    load: async () => (await import('./jobs.ts')).jobsList,
  },
  {
    name: 'jobs retry',
    summary: 'put dead letters back to work',
    load: async () => (await import('./jobs.ts')).jobsRetry,
  },
  {
    name: 'jobs drop',
    summary: 'give dead letters up',
    load: async () => (await import('./jobs.ts')).jobsDrop,
  },
  {
    name: 'audit verify',
    summary: 'walk the audit and evidence chains of a role and name the first broken record',
    load: async () => (await import('./audit.ts')).auditVerify,
  },
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
    name: 'log keygen',
    summary: 'make the key of a public log or of a witness; prints the public key to pin',
    load: async () => (await import('./log/keygen.ts')).logKeygen,
  },
  {
    name: 'log verify',
    summary: 'judge offline whether a receipt is in the public log of its operator',
    load: async () => (await import('./log/verify.ts')).logVerify,
  },
  {
    name: 'witness',
    summary: 'watch public logs: sign only what goes on from what was seen before',
    load: async () => (await import('./log/witness.ts')).witness,
  },
  {
    name: 'rp keygen',
    summary: 'make or rotate the key of a relying party; prints the public JWK to register',
    load: async () => (await import('./rp.ts')).rpKeygen,
  },
  {
    name: 'sessions end',
    summary: 'end every browser session and every login under way of a relying party',
    load: async () => (await import('./sessions.ts')).sessionsEnd,
  },
  {
    name: 'keys api new',
    summary: 'make an API key of a tenant for an sp or gov; shown once',
    load: async () => (await import('./api-keys.ts')).keysApiNew,
  },
  {
    name: 'keys api list',
    summary: 'list the API keys of a file with tenant, scopes and return URLs',
    load: async () => (await import('./api-keys.ts')).keysApiList,
  },
  {
    name: 'keys api revoke',
    summary: 'take an API key out of the file',
    load: async () => (await import('./api-keys.ts')).keysApiRevoke,
  },
  {
    name: 'keys list',
    summary: 'list the keys that seal data at rest, and how many values name each',
    load: async () => (await import('./keys.ts')).keysList,
  },
  {
    name: 'keys rotate',
    summary: 'make a new key for data at rest and let it seal; the others still open',
    load: async () => (await import('./keys.ts')).keysRotate,
  },
  {
    name: 'keys reseal',
    summary: 'seal again, with the active key, every value that another key sealed',
    load: async () => (await import('./keys.ts')).keysReseal,
  },
  {
    name: 'keys retire',
    summary: 'take a key for data at rest out of the file; refused while a value names it',
    load: async () => (await import('./keys.ts')).keysRetire,
  },
  {
    name: 'keys wrap',
    summary: 'let the KMS wrap the keys for data at rest that lie in the file in clear',
    load: async () => (await import('./keys.ts')).keysWrap,
  },
];
