import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { AUDIT_GENESIS, auditHash, chainGenesis } from '../../../src/adapters/store/evidence/audit-chain.ts';
import { MACHINE } from '../../../src/core/sign-transaction/machine-table.ts';
import { ENDS, MARK } from './citizen-walk.ts';
import type { FaultTap } from './fault-tap.ts';
import type { Party, Place } from './fault-world.ts';

/** A broken invariant of the catalogue (section 3.8), with what shows it. */
export interface Violation {
  readonly invariant: 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7';
  readonly what: string;
}

interface ApplicationRecord {
  readonly id: string;
  readonly state: keyof typeof MACHINE;
  readonly revision: number;
  readonly sign_transaction_id: string | null;
}

interface VerificationRecord {
  readonly id: string;
  readonly state: string;
  readonly submission_key: string;
}

/** With what is kept of its chain. */
type AuditRecord = Parameters<typeof auditHash>[0] & {
  readonly hash: string;
  readonly opened_at: number | null;
  readonly end_seq: number | null;
  readonly end_hash: string | null;
};

interface Facts {
  readonly from?: string;
  readonly to?: string;
  readonly revision?: number;
}

/** What lies in the databases at rest. */
export interface Stored {
  readonly party: Party;
  readonly applications: readonly ApplicationRecord[];
  readonly verifications: readonly VerificationRecord[];
  readonly evidence: ReadonlySet<string>;
  /** Of the relying party, and of pf where there is one. */
  readonly audit: { readonly party: readonly AuditRecord[]; readonly pf: readonly AuditRecord[] };
  /** Documents and bundles not yet purged. */
  readonly kept: number;
}

export function readStored(where: string | Place, party: Party = 'sp'): Stored {
  const place: Place = typeof where === 'string' ? { kind: 'files', dir: where } : where;
  const rows = <Row>(role: Party | 'pf', sql: string) => rowsOf(place, role, sql) as readonly Row[];
  const audit = (role: Party | 'pf') =>
    rows<AuditRecord>(
      role,
      `select r.*, c.opened_at, c.seq as end_seq, c.hash as end_hash from audit_records r
        left join audit_chains c on c.id = r.chain order by r.chain, r.seq`,
    );
  const count = (role: Party | 'pf', table: string) =>
    rows<{ n: number }>(role, `select count(*) as n from ${table}`)[0]?.n ?? 0;
  const withPf = party === 'sp';
  return {
    party,
    applications: rows(party, 'select id, state, revision, sign_transaction_id from applications'),
    verifications: withPf ? rows('pf', 'select id, state, submission_key from verifications') : [],
    evidence: new Set(
      rows<{ id: string }>(withPf ? 'pf' : party, 'select id from evidence').map(({ id }) => id),
    ),
    audit: { party: audit(party), pf: withPf ? audit('pf') : [] },
    kept: count(party, 'application_documents') + (withPf ? count('pf', 'verification_documents') : 0),
  };
}

function rowsOf(place: Place, role: Party | 'pf', sql: string): readonly unknown[] {
  if (place.kind === 'schemas') return rowsByPsql(place, role, sql);
  const database = new Database(join(place.dir, role, `${role}.sqlite3`), { readonly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

function rowsByPsql(
  { url, name }: Place & { kind: 'schemas' },
  role: string,
  sql: string,
): readonly unknown[] {
  const text = `set search_path = "${name}_${role}"; select coalesce(json_agg(r), '[]') from (${sql}) r`;
  const args = ['--quiet', '--tuples-only', '--no-align', '--dbname', url, '--command', text];
  const { stdout, stderr, status } = spawnSync('psql', args, { encoding: 'utf8', maxBuffer: MOST_OCTETS });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as readonly unknown[];
}

/** I1, I2, I3 and I5 from the databases and from what the service saw. Empty: all hold. */
export function violationsOf(stored: Stored, serviceTap: FaultTap): readonly Violation[] {
  return [
    ...stored.applications.flatMap((application) => brokenPath(stored, application)),
    ...stored.verifications.flatMap((verification) => brokenVerdict(stored, verification)),
    ...(['party', 'pf'] as const).flatMap((role) => brokenChain(role, stored.audit[role])),
    ...(stored.party === 'gov' ? stored.applications.flatMap((one) => withoutEvidence(stored, one)) : []),
    ...doubles(stored, serviceTap),
  ];
}

function factsOf({ facts }: AuditRecord): Facts {
  return facts === null ? {} : (JSON.parse(facts) as Facts);
}

/** The audit events of one application are one way through the machine, one event for each revision. */
function brokenPath(stored: Stored, application: ApplicationRecord): Violation[] {
  const { id, state, revision } = application;
  // each process writes a chain of its own: the order of one application's events is that of its revisions
  const events = stored.audit.party
    .filter(({ subject, facts }) => subject === id && facts !== null)
    .sort((one, other) => Number(factsOf(one).revision) - Number(factsOf(other).revision));
  const found: Violation[] = [];
  let at: string | undefined;
  events.forEach((event, index) => {
    const { from, to, revision: number } = factsOf(event);
    const kind = event.event.replace('application.', '');
    const allowed =
      at === undefined
        ? 'received'
        : (MACHINE[at as keyof typeof MACHINE].on as Record<string, string>)[kind];
    if (from !== at || to !== allowed || number !== index + 1)
      found.push({ invariant: 'I1', what: `${id}: ${kind} at ${at} as number ${index + 1}` });
    at = to;
  });
  if (at !== state || events.length !== revision)
    found.push({
      invariant: 'I2',
      what: `${id}: ${state}@${revision} after ${events.length} events to ${at}`,
    });
  const verdicts = events.filter(({ event }) => event === 'application.verdict-reached').length;
  if (verdicts !== (state === 'decided' ? 1 : 0))
    found.push({ invariant: 'I2', what: `${id}: ${state} with ${verdicts} verdicts` });
  if (!ENDS.includes(state)) found.push({ invariant: 'I5', what: `${id} is still ${state}` });
  return found;
}

function withoutEvidence(stored: Stored, { id, state }: ApplicationRecord): Violation[] {
  if (state !== 'decided' || stored.evidence.has(id)) return [];
  return [{ invariant: 'I2', what: `application ${id} was decided without evidence` }];
}

function brokenVerdict(stored: Stored, { id, state }: VerificationRecord): Violation[] {
  const decided = stored.audit.pf.filter(
    ({ subject, event }) => subject === id && event === 'verification.decided',
  );
  const wanted = state === 'decided' ? 1 : 0;
  const found: Violation[] = [];
  if (decided.length !== wanted)
    found.push({ invariant: 'I2', what: `verification ${id}: ${state} with ${decided.length} verdicts` });
  if (wanted === 1 && !stored.evidence.has(id))
    found.push({ invariant: 'I2', what: `verification ${id} was decided without evidence` });
  if (state === 'received') found.push({ invariant: 'I5', what: `verification ${id} is still received` });
  return found;
}

function brokenChain(role: string, all: readonly AuditRecord[]): Violation[] {
  const chains = new Map<number, AuditRecord[]>();
  for (const record of all) chains.set(record.chain, [...(chains.get(record.chain) ?? []), record]);
  return [...chains].flatMap(([chain, records]) => brokenAt(`audit chain ${chain} of ${role}`, records));
}

function brokenAt(name: string, records: readonly AuditRecord[]): Violation[] {
  const [first] = records;
  const opened = first?.opened_at ?? null;
  let previous =
    opened === null ? AUDIT_GENESIS : chainGenesis({ id: first?.chain ?? 0, opened_at: Number(opened) });
  for (const [index, record] of records.entries()) {
    const sound =
      record.seq === index + 1 && record.previous_hash === previous && auditHash(record) === record.hash;
    if (!sound) return [{ invariant: 'I2', what: `${name} at ${index + 1}` }];
    previous = record.hash;
  }
  const last = records.at(-1);
  if (last?.end_hash === null || last === undefined) return [];
  const ends = last.end_hash === last.hash && Number(last.end_seq) === last.seq;
  return ends ? [] : [{ invariant: 'I2', what: `${name} at its end` }];
}

function doubles(stored: Stored, serviceTap: FaultTap): Violation[] {
  const codes = serviceTap.seen
    .filter(({ method, path }) => method === 'POST' && path.endsWith('/token'))
    .map(({ body }) => new URLSearchParams(body).get('code'))
    .filter((code) => code !== null);
  const opened = stored.audit.party
    .filter(({ event }) => event === 'application.transaction-opened')
    .map(({ subject }) => subject);
  const transactions = stored.applications
    .map((application) => application.sign_transaction_id)
    .filter((id) => id !== null);
  const handedIn = stored.verifications.map((verification) => verification.submission_key);
  return Object.entries({ codes, opened, transactions, handedIn }).flatMap(([name, values]) =>
    new Set(values).size === values.length ? [] : [{ invariant: 'I3', what: `${name} twice` } as const],
  );
}

/**
 * Any JOSE object, as text or as hex. Long enough that sealed octets, which are random, do not look like one by chance,
 * and not in the middle of base64url: a coordinate of a public key held the three letters once.
 */
const JOSE = /(?<![\w-])eyJ[\w-]{12}|65794a(?:2d|5f|3\d|[46][1-9a-f]|[57][\da]){12}/;
/** What may stand nowhere: at the sp any JOSE object, at the operator a bundle (receipts may be shown). */
const IN_CLEAR: Readonly<Record<Party | 'pf', readonly (string | RegExp)[]>> = {
  sp: [MARK, JOSE],
  gov: [MARK, JOSE],
  pf: [MARK, 'eyJhbGciOiJFQ0RI'],
};
const MOST_OCTETS = 1 << 30;

/** I4: protected data in clear, in files of a role or in its schema. */
export function leaks(where: string | Place, party: Party = 'sp'): readonly Violation[] {
  const place: Place = typeof where === 'string' ? { kind: 'files', dir: where } : where;
  const roles = party === 'sp' ? (['sp', 'pf'] as const) : (['gov'] as const);
  return roles.flatMap((role) =>
    octetsOf(place, role).flatMap(({ name, octets }) =>
      IN_CLEAR[role]
        .filter((secret) => isIn(octets, secret))
        .map((secret): Violation => ({ invariant: 'I4', what: `${name} holds ${secret}` })),
    ),
  );
}

function isIn(octets: Buffer, secret: string | RegExp): boolean {
  if (secret instanceof RegExp) return secret.test(octets.toString('latin1'));
  return octets.includes(secret) || octets.includes(Buffer.from(secret).toString('hex'));
}

function octetsOf(place: Place, role: Party | 'pf'): readonly { name: string; octets: Buffer }[] {
  if (place.kind === 'schemas') {
    const name = `${place.name}_${role}`;
    const args = ['--data-only', '--schema', name, place.url];
    const { stdout, stderr, status } = spawnSync('pg_dump', args, { maxBuffer: MOST_OCTETS });
    if (status !== 0) throw new Error(stderr.toString());
    return [{ name, octets: stdout }];
  }
  const folder = join(place.dir, role);
  return readdirSync(folder)
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => ({ name, octets: readFileSync(join(folder, name)) }));
}
