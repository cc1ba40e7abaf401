import { createHash } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import type { EpochMillis } from '../../core/brand.ts';
import type {
  AuditChainState,
  AuditEvent,
  AuditLog,
  AuditQuery,
  AuditRecord,
  AuditTrail,
} from '../../ports/audit.ts';
import type { StoreConnection } from './connection.ts';
import { parsedJson } from './row-values.ts';
import type { AuditTable } from './schema.ts';
import type { StoreEngine, StoreTransaction } from './store-engine.ts';
import { guarded } from './store-errors.ts';

export const AUDIT_GENESIS = '0'.repeat(64);
const BATCH = 1_000;

type AuditRow = Selectable<AuditTable>;

/** Hex SHA-256 over the canonical JSON of a record (fixed member order, no white space), which holds the hash of the record before. */
export function auditHash(record: Omit<AuditRow, 'hash'>): string {
  const { seq, at, event, subject, tenant, code, facts, previous_hash } = record;
  const text = JSON.stringify([seq, at, event, subject, tenant, code, facts, previous_hash]);
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/**
 * Appends events to the chain inside the caller's transaction. The head row is locked first, so writers of all
 * processes queue here until the commit and the chain cannot fork.
 */
export async function appendAudit(
  transaction: StoreTransaction,
  engine: StoreEngine,
  events: readonly AuditEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const query = transaction.selectFrom('audit_head').select(['seq', 'hash']).where('id', '=', 1);
  let { seq, hash } = await (engine === 'postgres' ? query.forUpdate() : query).executeTakeFirstOrThrow();
  const rows: AuditRow[] = [];
  for (const event of events) {
    seq += 1;
    const record = { ...auditColumns(event), seq, previous_hash: hash };
    hash = auditHash(record);
    rows.push({ ...record, hash });
  }
  await transaction.insertInto('audit_records').values(rows).execute();
  await transaction.updateTable('audit_head').set({ seq, hash }).where('id', '=', 1).execute();
}

function auditColumns(event: AuditEvent): Omit<AuditRow, 'hash' | 'seq' | 'previous_hash'> {
  const { at, subject, tenant } = event;
  const facts = event.facts === undefined ? null : sortedJson(event.facts);
  return { at, event: event.event, subject, tenant, code: event.code ?? null, facts };
}

function sortedJson(facts: Readonly<Record<string, string | number>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1))));
}

export function openAuditLog(context: { readonly connection: StoreConnection }): AuditLog & AuditTrail {
  const { connection } = context;
  return {
    append: (event) =>
      guarded(() =>
        connection.db
          .transaction()
          .execute((transaction) => appendAudit(transaction, connection.engine, [event])),
      ),
    verify: () => guarded(() => verifyChain(connection)),
    page: (query) => guarded(() => page(connection, query)),
  };
}

async function page(
  { db }: StoreConnection,
  { before, event, subject, limit }: AuditQuery,
): Promise<readonly AuditRecord[]> {
  let query = db.selectFrom('audit_records').selectAll().orderBy('seq', 'desc').limit(limit);
  if (before !== undefined) query = query.where('seq', '<', before);
  if (event !== undefined) query = query.where('event', '=', event);
  if (subject !== undefined) query = query.where('subject', '=', subject);
  return (await query.execute()).map(recordOf);
}

function recordOf({ seq, at, event, subject, tenant, code, facts, hash }: AuditRow): AuditRecord {
  return {
    ...{ seq, event, subject, tenant, hash, at: at as EpochMillis },
    ...(code === null ? {} : { code }),
    ...(facts === null ? {} : { facts: parsedJson<NonNullable<AuditEvent['facts']>>(facts) }),
  };
}

/** Walks the whole chain from its first record to the head as it stood at the start. */
async function verifyChain({ db }: StoreConnection): Promise<AuditChainState> {
  const head = await db
    .selectFrom('audit_head')
    .select(['seq', 'hash', sql<number | null>`(select max(seq) from audit_records)`.as('newest')])
    .where('id', '=', 1)
    .executeTakeFirst();
  if (head === undefined) return { records: 0, head: AUDIT_GENESIS, brokenAt: 1 };
  let seq = 0;
  let hash = AUDIT_GENESIS;
  while (seq < head.seq) {
    const rows = await db
      .selectFrom('audit_records')
      .selectAll()
      .where('seq', '>', seq)
      .where('seq', '<=', head.seq)
      .orderBy('seq')
      .limit(BATCH)
      .execute();
    for (const row of rows) {
      const sound = row.seq === seq + 1 && row.previous_hash === hash && auditHash(row) === row.hash;
      if (!sound) return { records: seq, head: hash, brokenAt: seq + 1 };
      seq = row.seq;
      hash = row.hash;
    }
    if (rows.length === 0) return { records: seq, head: hash, brokenAt: seq + 1 };
  }
  if (hash !== head.hash) return { records: seq, head: hash, brokenAt: seq };
  const beyond = (head.newest ?? 0) > head.seq;
  return beyond ? { records: seq, head: hash, brokenAt: head.seq + 1 } : { records: seq, head: hash };
}
