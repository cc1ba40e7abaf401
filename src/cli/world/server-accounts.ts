import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NEEDED_RIGHTS } from '../../adapters/queue/redis-rights.ts';
import { hexSha256 } from '../../core/digest/sha256.ts';
import { toBase64Url } from '../../core/encoding.ts';

const ROLES = ['sp', 'gov', 'pf'] as const;
/** PostgreSQL's default (scram_iterations). The passwords have 192 random bits. */
const ITERATIONS = 4_096;
/** The servers run under users of their own; these files hold verifiers and hashes, no password. */
const FOR_SERVERS = 0o644;
const FOLDER_FOR_SERVERS = 0o755;

type StoreRole = (typeof ROLES)[number];
type Passwords = Readonly<Record<StoreRole, string>>;

/**
 * An account for each role at PostgreSQL and at Redis. `postgres/roles.sql` runs when the database is made: each
 * role owns its schema and nothing else, and the superuser has no password any more, so that nobody comes in as
 * superuser over the network. `redis/users.acl` lets each role touch its own keys; who names nobody may only PING.
 */
export function writeServerAccounts(dir: string, database: string): Passwords {
  const password = () => toBase64Url(randomBytes(24));
  const passwords = { sp: password(), gov: password(), pf: password() };
  writeForServer(join(dir, 'postgres'), 'roles.sql', rolesSql(passwords, database));
  writeForServer(join(dir, 'redis'), 'users.acl', usersAcl(passwords));
  return passwords;
}

function writeForServer(folder: string, name: string, content: string): void {
  // a narrow umask would shut them out of the folder too; one that was there already is its owner's
  if (mkdirSync(folder, { recursive: true }) !== undefined) chmodSync(folder, FOLDER_FOR_SERVERS);
  const file = join(folder, name);
  writeFileSync(file, content, { mode: FOR_SERVERS });
  chmodSync(file, FOR_SERVERS);
}

function rolesSql(passwords: Passwords, database: string): string {
  const roles = ROLES.map((role) => {
    const name = accountOf(role);
    return `CREATE ROLE ${name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '${scramVerifier(passwords[role])}';
GRANT CONNECT ON DATABASE "${database}" TO ${name};
CREATE SCHEMA ${name} AUTHORIZATION ${name};
`;
  });
  return `-- Written by "jitsuin init --apart": SCRAM verifiers (RFC 5803), no passwords.
REVOKE ALL ON DATABASE "${database}" FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
${roles.join('')}ALTER ROLE CURRENT_USER PASSWORD NULL;
`;
}

function usersAcl(passwords: Passwords): string {
  const users = ROLES.map((role) => {
    const hash = hexSha256(passwords[role]);
    const rights = NEEDED_RIGHTS.replaceAll('PREFIX', `jitsuin:${role}`);
    return `user ${accountOf(role)} on #${hash} resetchannels ${rights}\n`;
  });
  return `user default on nopass resetkeys resetchannels -@all +ping\n${users.join('')}`;
}

/** The name of a role's account at both servers, and of its schema. */
function accountOf(role: StoreRole): string {
  return `jitsuin_${role}`;
}

/** RFC 5803, as PostgreSQL keeps it: SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey. */
function scramVerifier(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${hmac('Server Key').toString('base64')}`;
}

/** The address of a server with the account of a role in it. */
export function withAccount(url: string, role: StoreRole, passwords: Passwords): string {
  return url.replace(/^([a-z+]+:\/\/)(?:[^/?@]*@)?/, `$1${accountOf(role)}:${passwords[role]}@`);
}
