import type { Selectable } from 'kysely';
import { hexSha256 } from '../../../core/digest/sha256.ts';
import { JitsuinError } from '../../../core/errors.ts';
import type { AuditEvent } from '../../../ports/audit.ts';
import type { StoreEngine, StoreTransaction } from '../engine/store-engine.ts';
import type { RowMacs } from '../rows/row-macs.ts';
import type { AuditTable } from '../schema/schema.ts';

export const AUDIT_GENESIS = '0'.repeat(64);

export type AuditRow = Selectable<AuditTable>;

/**
 * Hex SHA-256 over the canonical JSON of a record (fixed member order, no white space), which holds the hash of the
 * record before.
 */
export function auditHash(record: Omit<AuditRow, 'hash'>): string {
  const { seq, at, event, subject, tenant, code, facts, previous_hash } = record;
  const text = JSON.stringify([seq, at, event, subject, tenant, code, facts, previous_hash]);
  return hexSha256(text);
}

/**
 * Appends events to the chain inside the caller's transaction. The head row is locked first, so writers of all
 * processes queue here until the commit and the chain cannot fork. The head carries a MAC: who writes the table
 * alone can neither go on with a chain of his own nor have one of ours go on from it.
 */
export async function appendAudit(
  transaction: StoreTransaction,
  engine: StoreEngine,
  macs: RowMacs | undefined,
  events: readonly AuditEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const query = transaction.selectFrom('audit_head').selectAll().where('id', '=', 1);
  const head = await (engine === 'postgres' ? query.forUpdate() : query).executeTakeFirstOrThrow();
  if (macs === undefined && head.mac !== null)
    throw new JitsuinError(
      'key.seal-missing',
      'The audit log goes on only with the seal key: the head of its chain carries a MAC.',
    );
  macs?.checked('audit_head', head);
  let { seq, hash } = head;
  const rows: AuditRow[] = [];
  for (const event of events) {
    seq += 1;
    const record = { ...auditColumns(event), seq, previous_hash: hash };
    hash = auditHash(record);
    rows.push({ ...record, hash });
  }
  await transaction.insertInto('audit_records').values(rows).execute();
  const end = { id: 1, seq, hash };
  const set = macs === undefined ? end : macs.sealed('audit_head', end);
  await transaction.updateTable('audit_head').set(set).where('id', '=', 1).execute();
}

function auditColumns(event: AuditEvent): Omit<AuditRow, 'hash' | 'seq' | 'previous_hash'> {
  const { at, subject, tenant } = event;
  const facts = event.facts === undefined ? null : sortedJson(event.facts);
  return { at, event: event.event, subject, tenant, code: event.code ?? null, facts };
}

function sortedJson(facts: Readonly<Record<string, string | number>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1))));
}
