import { sql } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import type {
  AuditChainState,
  AuditEvent,
  AuditLog,
  AuditQuery,
  AuditRecord,
  AuditTrail,
} from '../../../ports/audit.ts';
import type { StoreConnection } from '../engine/connection.ts';
import { guarded } from '../engine/store-errors.ts';
import { parsedJson } from '../records/row-values.ts';
import type { RowMacs } from '../rows/row-macs.ts';
import { AUDIT_GENESIS, type AuditRow, auditHash } from './audit-chain.ts';

const BATCH = 1_000;

export function openAuditLog(context: {
  readonly connection: StoreConnection;
  readonly rows?: RowMacs;
}): AuditLog & AuditTrail {
  const { connection, rows } = context;
  return {
    append: async (event) => {
      await guarded(() => connection.changes.add(async () => [event]));
    },
    verify: (noted) => guarded(() => verifyChain(connection, rows, noted)),
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
  return defined({
    seq,
    event,
    subject,
    tenant,
    hash,
    at: at as EpochMillis,
    code: code === null ? undefined : code,
    facts: facts === null ? undefined : parsedJson<NonNullable<AuditEvent['facts']>>(facts),
  });
}

/**
 * Walks the whole chain from its first record to the head as it stood at the start. The head must be ours, and the
 * chain must hold the head that was noted elsewhere: else it was cut, or made anew, since then.
 */
async function verifyChain(
  { db }: StoreConnection,
  macs: RowMacs | undefined,
  noted: string | undefined,
): Promise<AuditChainState> {
  const head = await db
    .selectFrom('audit_head')
    .selectAll()
    .select(sql<number | null>`(select max(seq) from audit_records)`.as('newest'))
    .where('id', '=', 1)
    .executeTakeFirst();
  if (head === undefined) return { records: 0, head: AUDIT_GENESIS, brokenAt: 1 };
  const { newest, ...end } = head;
  const headIsOurs = macs?.isSound('audit_head', end) ?? true;
  let met = noted === undefined || noted === AUDIT_GENESIS;
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
      met ||= hash === noted;
    }
    if (rows.length === 0) return { records: seq, head: hash, brokenAt: seq + 1 };
  }
  if (hash !== head.hash || !headIsOurs) return { records: seq, head: hash, brokenAt: seq };
  if (!met) return { records: seq, head: hash, brokenAt: seq + 1 };
  const beyond = (newest ?? 0) > head.seq;
  return beyond ? { records: seq, head: hash, brokenAt: head.seq + 1 } : { records: seq, head: hash };
}
