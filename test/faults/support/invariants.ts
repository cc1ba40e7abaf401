import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { AUDIT_GENESIS, auditHash } from '../../../src/adapters/store/audit-log.ts';
import { MACHINE } from '../../../src/core/sign-transaction/machine-table.ts';
import { ENDS, MARK } from './citizen-walk.ts';
import type { FaultTap } from './fault-tap.ts';

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

type AuditRecord = Parameters<typeof auditHash>[0] & { readonly hash: string };

interface Facts {
  readonly from?: string;
  readonly to?: string;
  readonly revision?: number;
}

/** What lies in the two databases at rest. */
export interface Stored {
  readonly applications: readonly ApplicationRecord[];
  readonly verifications: readonly VerificationRecord[];
  readonly evidence: ReadonlySet<string>;
  readonly audit: { readonly sp: readonly AuditRecord[]; readonly pf: readonly AuditRecord[] };
  /** Documents and bundles not yet purged. */
  readonly kept: number;
}

export function readStored(dir: string): Stored {
  const rows = <Row>(role: 'sp' | 'pf', sql: string): readonly Row[] => {
    const database = new Database(join(dir, role, `${role}.sqlite3`), { readonly: true });
    try {
      return database.prepare(sql).all() as Row[];
    } finally {
      database.close();
    }
  };
  const audit = (role: 'sp' | 'pf') => rows<AuditRecord>(role, 'select * from audit_records order by seq');
  const count = (role: 'sp' | 'pf', table: string) =>
    rows<{ n: number }>(role, `select count(*) as n from ${table}`)[0]?.n ?? 0;
  return {
    applications: rows('sp', 'select id, state, revision, sign_transaction_id from applications'),
    verifications: rows('pf', 'select id, state, submission_key from verifications'),
    evidence: new Set(rows<{ id: string }>('pf', 'select id from evidence').map(({ id }) => id)),
    audit: { sp: audit('sp'), pf: audit('pf') },
    kept: count('sp', 'application_documents') + count('pf', 'verification_documents'),
  };
}

/** I1, I2, I3 and I5 from the databases and from what the service saw. Empty: all hold. */
export function violationsOf(stored: Stored, serviceTap: FaultTap): readonly Violation[] {
  return [
    ...stored.applications.flatMap((application) => brokenPath(stored, application)),
    ...stored.verifications.flatMap((verification) => brokenVerdict(stored, verification)),
    ...(['sp', 'pf'] as const).flatMap((role) => brokenChain(role, stored.audit[role])),
    ...doubles(stored, serviceTap),
  ];
}

function factsOf({ facts }: AuditRecord): Facts {
  return facts === null ? {} : (JSON.parse(facts) as Facts);
}

/** The audit events of one application are one way through the machine, one event for each revision. */
function brokenPath(stored: Stored, application: ApplicationRecord): Violation[] {
  const { id, state, revision } = application;
  const events = stored.audit.sp.filter(({ subject, facts }) => subject === id && facts !== null);
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

function brokenChain(role: string, records: readonly AuditRecord[]): Violation[] {
  let previous = AUDIT_GENESIS;
  for (const [index, record] of records.entries()) {
    const sound =
      record.seq === index + 1 && record.previous_hash === previous && auditHash(record) === record.hash;
    if (!sound) return [{ invariant: 'I2', what: `audit chain of ${role} at ${index + 1}` }];
    previous = record.hash;
  }
  return [];
}

function doubles(stored: Stored, serviceTap: FaultTap): Violation[] {
  const codes = serviceTap.seen
    .filter(({ method, path }) => method === 'POST' && path.endsWith('/token'))
    .map(({ body }) => new URLSearchParams(body).get('code'))
    .filter((code) => code !== null);
  const opened = stored.audit.sp
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

/** What may stand in no file of a role: at the sp any JOSE object, at the operator a bundle (receipts may be shown). */
const IN_CLEAR = { sp: [MARK, 'eyJ'], pf: [MARK, 'eyJhbGciOiJFQ0RI'] } as const;

/** I4: files of a role with protected data in clear. */
export function leaks(dir: string): readonly Violation[] {
  return (['sp', 'pf'] as const).flatMap((role) =>
    readdirSync(join(dir, role)).flatMap((name) => {
      const file = join(dir, role, name);
      if (!statSync(file).isFile()) return [];
      const octets = readFileSync(file);
      return IN_CLEAR[role]
        .filter((secret) => octets.includes(secret))
        .map((secret): Violation => ({ invariant: 'I4', what: `${name} holds ${secret}` }));
    }),
  );
}
