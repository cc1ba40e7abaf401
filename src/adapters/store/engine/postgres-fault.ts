/** The one line that a role of its own needs, where the schema was made for it beforehand. */
export const NEEDED_RIGHTS = 'GRANT USAGE, CREATE ON SCHEMA name TO role';

interface Words {
  /** SQLSTATE of the server, or what node calls the fault; empty where there is none. */
  readonly code: string;
  readonly message: string;
  /** Where in the server it was said: stays the same whatever language the server speaks. */
  readonly routine: string;
}

type Fault = readonly [(words: Words) => boolean, string];

const coded = (code: RegExp) => (words: Words) => code.test(words.code);
const said = (pattern: RegExp) => (words: Words) => pattern.test(words.message);

/** What PostgreSQL, a pooler or the way to them said → what it means and what to do. First match wins. */
const FAULTS: readonly Fault[] = [
  [
    coded(/^28P01$/),
    'PostgreSQL refuses the user or the password of DATABASE_URL (in a URL # is %23, @ is %40, % is %25, / is %2F).',
  ],
  [
    said(/client password must be|no password|password missing/i),
    'PostgreSQL wants a password, and DATABASE_URL has none.',
  ],
  [
    ({ code, message, routine }) =>
      code === '28000' && (routine === 'ClientAuthentication' || /pg_hba/.test(message)),
    'PostgreSQL has no rule (pg_hba.conf) that lets this user in from here to that database: a ' +
      'rule for this address is missing, or the rule wants TLS and DATABASE_URL lacks ' +
      'sslmode=verify-full.',
  ],
  [coded(/^28/), 'PostgreSQL does not know the user of DATABASE_URL, or the user may not log in.'],
  [
    coded(/^3D000$/),
    'There is no such database on that server: look at the name at the end of DATABASE_URL.',
  ],
  [
    ({ code, routine }) => code === '42501' && routine === 'CheckMyDatabase',
    'The user of DATABASE_URL may not connect to that database: GRANT CONNECT ON DATABASE name TO role.',
  ],
  [
    coded(/^42501$/),
    `The user of DATABASE_URL lacks a right in the schema. It needs: ${NEEDED_RIGHTS}, and to ` +
      'own the tables or GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES.',
  ],
  [
    ({ code, message }) => code === '53300' || /too many connections|no more connections/i.test(message),
    'PostgreSQL has no connection left for this user (max_connections, or CONNECTION LIMIT of ' +
      'role or database): each process of ours takes up to 10.',
  ],
  [coded(/^57P03$/), 'PostgreSQL is starting, stopping or recovering and takes nobody in yet.'],
  [
    coded(/^57P0[12]$/),
    'PostgreSQL was told to end this connection (57P01): it is stopping, or somebody cut it.',
  ],
  [coded(/^57014$/), 'PostgreSQL cut a statement that took longer than its statement_timeout.'],
  [coded(/^55P03$/), 'Somebody else held a lock for longer than lock_timeout.'],
  [coded(/^25006$/), 'The database is read-only: a replica, or default_transaction_read_only is on.'],
  [
    coded(/^25P03$/),
    'PostgreSQL ended a transaction that stood still (idle_in_transaction_session_timeout).',
  ],
  [coded(/^55000$/), 'The database takes no connections (ALLOW_CONNECTIONS false).'],
  [
    coded(/^(?:22P05|22021)$/),
    'The database cannot hold this text: its encoding is not UTF8. Make a database with ENCODING UTF8.',
  ],
  [coded(/^54000$|^53200$|^53400$/), 'PostgreSQL is at a limit of its own (memory, or a configured limit).'],
  [coded(/^58030$|^58P0/), 'PostgreSQL cannot read or write its own files.'],
  [
    said(/no such database/i),
    'There is no such database on that server: look at the name at the end of DATABASE_URL.',
  ],
  [
    said(/no such user|authentication failed|auth failed|login failed/i),
    'The pooler refuses the user or the password of DATABASE_URL (userlist.txt or auth_query).',
  ],
  [
    said(/TLS required|SSL required|SSL is required/i),
    'The server wants TLS: add sslmode=verify-full to DATABASE_URL.',
  ],
  [said(/does not support SSL/i), 'DATABASE_URL asks for TLS (sslmode), and that server speaks without.'],
  [coded(/ALTNAME_INVALID/), 'The TLS certificate of PostgreSQL names another host than DATABASE_URL does.'],
  [coded(/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/), 'The TLS certificate of PostgreSQL is not valid now.'],
  [
    coded(/SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)|^CERT_/),
    'The TLS certificate of PostgreSQL is of a CA that is not trusted here: add sslrootcert=FILE to DATABASE_URL.',
  ],
  [
    ({ code, message }) => /^ERR_(?:SSL|TLS|OSSL)|EPROTO/.test(code) || /wrong version number/i.test(message),
    'The TLS of DATABASE_URL and that of the server do not come together.',
  ],
  [
    coded(/^(?:ENOENT|EACCES|EISDIR)$/),
    'A file that DATABASE_URL names (sslrootcert, sslcert, sslkey, socket) cannot be read.',
  ],
  [coded(/^ECONNREFUSED$/), 'Nothing listens at the address of DATABASE_URL.'],
  [coded(/^(?:ENOTFOUND|EAI_AGAIN)$/), 'The host name of DATABASE_URL is not known.'],
  [coded(/^(?:EHOSTUNREACH|ENETUNREACH)$/), 'There is no way to the host of DATABASE_URL.'],
  [
    said(/timeout exceeded when trying to connect|connection timeout/i),
    'The server of DATABASE_URL does not answer, or every connection of ours is taken.',
  ],
  [
    ({ code, message }) =>
      /^(?:ECONNRESET|EPIPE)$/.test(code) ||
      /received unexpected|unknown message|invalid response|unexpected message/i.test(message),
    'What listens at the address of DATABASE_URL cut the connection: something else than PostgreSQL, or it wants TLS.',
  ],
  [said(/read timeout|no answer came/i), 'PostgreSQL did not answer a statement.'],
  [said(/terminated|not queryable|after calling end/i), 'The connection to PostgreSQL broke off.'],
];

/**
 * What an engine's fault means, in our words; the driver's own may hold what the URL or a row holds. Undefined: not
 * known.
 */
export function postgresFault(thrown: unknown): string | undefined {
  const words = wordsOf(thrown);
  return FAULTS.find(([matches]) => words.some(matches))?.[1];
}

function wordsOf(thrown: unknown): readonly Words[] {
  if (!(thrown instanceof Error)) return [];
  const { code, routine } = thrown as { readonly code?: unknown; readonly routine?: unknown };
  const own = { code: text(code), routine: text(routine), message: thrown.message };
  return [own, ...(thrown instanceof AggregateError ? thrown.errors.flatMap(wordsOf) : [])];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
