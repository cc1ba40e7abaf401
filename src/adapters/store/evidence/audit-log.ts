import { sql } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import type {
  AuditEvent,
  AuditLog,
  AuditQuery,
  AuditRecord,
  AuditSealing,
  AuditTrail,
} from '../../../ports/audit.ts';
import type { StoreConnection } from '../engine/connection.ts';
import { guarded } from '../engine/store-errors.ts';
import { parsedJson } from '../records/row-values.ts';
import type { RowMacs } from '../rows/row-macs.ts';
import type { AuditRow } from './audit-chain.ts';
import { verifyAudit } from './audit-verify.ts';

export function openAuditLog(context: {
  readonly connection: StoreConnection;
  readonly rows?: RowMacs;
}): AuditLog & AuditSealing & AuditTrail {
  const { connection, rows } = context;
  return {
    append: async (event) => {
      await guarded(() => connection.changes.add(async () => [event]));
    },
    seal: () => guarded(() => connection.changes.seal()),
    verify: (noted, step) => guarded(() => verifyAudit(connection.db, rows, noted, step)),
    page: (query) => guarded(() => page(connection, query)),
  };
}

async function page(
  { db }: StoreConnection,
  { before, event, subject, limit }: AuditQuery,
): Promise<readonly AuditRecord[]> {
  let query = db
    .selectFrom('audit_records')
    .selectAll()
    .orderBy('at', 'desc')
    .orderBy('chain', 'desc')
    .orderBy('seq', 'desc')
    .limit(limit);
  if (before !== undefined)
    query = query.where(sql<boolean>`(at, chain, seq) < (${before.at}, ${before.chain}, ${before.seq})`);
  if (event !== undefined) query = query.where('event', '=', event);
  if (subject !== undefined) query = query.where('subject', '=', subject);
  return (await query.execute()).map(recordOf);
}

function recordOf({ chain, seq, at, event, subject, tenant, code, facts, hash }: AuditRow): AuditRecord {
  return defined({
    chain,
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
