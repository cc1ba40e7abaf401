import { type Selectable, sql } from 'kysely';
import { hexSha256 } from '../../../core/digest/sha256.ts';
import { JitsuinError } from '../../../core/errors.ts';
import type { AuditEvent } from '../../../ports/audit.ts';
import type { Clock } from '../../../ports/clock.ts';
import { compiledOnce } from '../engine/compiled-once.ts';
import { checkedParameters } from '../engine/engine-values.ts';
import { laterOnce } from '../engine/later.ts';
import type { StoreEngine, StoreTransaction } from '../engine/store-engine.ts';
import { brokenRow, type RowMacs } from '../rows/row-macs.ts';
import type { AuditChainTable, AuditSealHeadTable, AuditTable } from '../schema/schema.ts';

export const AUDIT_GENESIS = '0'.repeat(64);

export type AuditRow = Selectable<AuditTable>;
export type AuditChainRow = Selectable<AuditChainTable>;
type AuditSealHeadRow = Selectable<AuditSealHeadTable>;

/** What the functions of the audit log write with; `macs` undefined: nothing is checked, and nothing gets a MAC. */
export interface AuditParts {
  readonly engine: StoreEngine;
  readonly macs: RowMacs | undefined;
  /** Absent: the time of the event. */
  readonly clock?: Clock | undefined;
}

/**
 * Hex SHA-256 over the canonical JSON of a record (fixed member order, no white space), which holds the hash of the
 * record before. The records of the first log (chain 0) were hashed before there were chains.
 */
export function auditHash(record: Omit<AuditRow, 'hash'>): string {
  const { chain, seq, at, event, subject, tenant, code, facts, previous_hash } = record;
  const members = [seq, at, event, subject, tenant, code, facts, previous_hash];
  return hexSha256(JSON.stringify(chain === 0 ? members : ['audit', chain, ...members]));
}

/** What stands for the record before the first one of a chain. */
export function chainGenesis({ id, opened_at }: Pick<AuditChainRow, 'id' | 'opened_at'>): string {
  return hexSha256(JSON.stringify(['audit chain', id, opened_at]));
}

/**
 * Writes events behind the given end, in the caller's transaction, and moves the end.
 * Gives the new end; undefined when the chain does not end there any more, and then nothing was written.
 */
export async function appendRecords(
  transaction: StoreTransaction,
  { engine, macs, clock }: AuditParts,
  end: AuditChainRow,
  events: readonly AuditEvent[],
): Promise<AuditChainRow | undefined> {
  let { seq, hash } = end;
  const rows: AuditRow[] = [];
  for (const event of events) {
    seq += 1;
    const record = { ...auditColumns(event), chain: end.id, seq, previous_hash: hash };
    hash = auditHash(record);
    rows.push({ ...record, hash });
  }
  const moved = { ...end, seq, hash, beat_at: clock?.now() ?? end.beat_at, mac: null };
  const next: AuditChainRow = macs === undefined ? moved : macs.sealed('audit_chains', moved);
  const written = await (engine === 'postgres' ? inOneStatement : inTwoStatements)(
    transaction,
    end,
    next,
    rows,
  );
  return written ? next : undefined;
}

/** A chain's end and the one before it. */
interface Move extends Pick<AuditChainRow, 'id' | 'seq' | 'hash' | 'beat_at' | 'mac'> {
  readonly seqBefore: number;
  readonly hashBefore: string;
}

function moveOf(end: AuditChainRow, { id, seq, hash, beat_at, mac }: AuditChainRow): Move {
  return { id, seq, hash, beat_at, mac, seqBefore: end.seq, hashBefore: end.hash };
}

function moveEnd({ id, seq, hash, beat_at, mac, seqBefore, hashBefore }: Move) {
  return sql`update audit_chains set seq = ${seq}, hash = ${hash}, beat_at = ${beat_at}, mac = ${mac}
    where id = ${id} and seq = ${seqBefore} and hash = ${hashBefore} and closed_at is null`;
}

const moved = compiledOnce((db, move: Move) => moveEnd(move).compile(db));

const insertRecords = compiledOnce((db, { records }: { readonly records: string }) =>
  sql`insert into audit_records (chain, seq, at, event, subject, tenant, code, facts, previous_hash, hash)
    select r.value ->> 'chain', r.value ->> 'seq', r.value ->> 'at', r.value ->> 'event', r.value ->> 'subject',
      r.value ->> 'tenant', r.value ->> 'code', r.value ->> 'facts', r.value ->> 'previous_hash', r.value ->> 'hash'
    from json_each(${records}) r`.compile(db),
);

const movedWithRecords = laterOnce((db, { records, ...move }: Move & { readonly records: string }) => {
  const written = sql`with moved as (${moveEnd(move)} returning id), written as (
    insert into audit_records (chain, seq, at, event, subject, tenant, code, facts, previous_hash, hash)
    select r.chain, r.seq, r.at, r.event, r.subject, r.tenant, r.code, r.facts, r.previous_hash, r.hash
    from json_to_recordset(${records}::json) as r(chain bigint, seq bigint, at bigint, event text,
      subject text, tenant text, code text, facts text, previous_hash text, hash text)
    where exists (select 1 from moved) returning seq) select ln(count(*)) as moved from written`;
  return written.compile(db);
});

/**
 * The way to the database is what a commit costs: the end and its records go there together, and nobody waits for the
 * answer. Where the chain does not end there any more the transaction fails (`isMovedChain`), and is made again.
 */
async function inOneStatement(
  transaction: StoreTransaction,
  end: AuditChainRow,
  next: AuditChainRow,
  rows: readonly AuditRow[],
): Promise<boolean> {
  await movedWithRecords(transaction, { ...moveOf(end, next), records: jsonOf(rows) });
  return true;
}

/** In JSON a lone surrogate would be escaped, and its refusal another one. */
function jsonOf(rows: readonly AuditRow[]): string {
  for (const row of rows) checkedParameters(Object.values(row));
  return JSON.stringify(rows);
}

async function inTwoStatements(
  transaction: StoreTransaction,
  end: AuditChainRow,
  next: AuditChainRow,
  rows: readonly AuditRow[],
): Promise<boolean> {
  const written = await moved(transaction, moveOf(end, next));
  if (written.numAffectedRows !== 1n) return false;
  await insertRecords(transaction, { records: jsonOf(rows) });
  return true;
}

/**
 * Opens a chain: the head counts them, so that none can be left out whole. Others who open or seal wait until the
 * commit.
 */
export async function openChain(
  transaction: StoreTransaction,
  parts: AuditParts,
  eventAt: number,
): Promise<AuditChainRow> {
  const { macs } = parts;
  const at = parts.clock?.now() ?? eventAt;
  const head = await lockSealHead(transaction, parts);
  const id = head.chains + 1;
  const open = {
    id,
    opened_at: at,
    seq: 0,
    hash: chainGenesis({ id, opened_at: at }),
    beat_at: at,
    closed_at: null,
    ended_by: null,
    final_seal: null,
    mac: null,
  };
  const row: AuditChainRow = macs === undefined ? open : macs.sealed('audit_chains', open);
  await transaction.insertInto('audit_chains').values(row).execute();
  await writeSealHead(transaction, parts, { ...head, chains: id });
  return row;
}

/** @throws JitsuinError `seal.integrity`, `key.seal-missing` (it carries a MAC, and there is no key) */
export async function lockSealHead(
  transaction: StoreTransaction,
  { engine, macs }: AuditParts,
): Promise<AuditSealHeadRow> {
  const query = transaction.selectFrom('audit_seal_head').selectAll().where('id', '=', 1);
  const head = await (engine === 'postgres' ? query.forUpdate() : query).executeTakeFirst();
  if (head === undefined) throw brokenRow('audit_seal_head');
  if (macs !== undefined) return macs.checked('audit_seal_head', head);
  if (head.mac === null) return head;
  throw new JitsuinError(
    'key.seal-missing',
    'The audit log goes on only with the seal key: the head of its seals carries a MAC.',
  );
}

export async function writeSealHead(
  transaction: StoreTransaction,
  { macs }: AuditParts,
  { id, chains, seals, hash }: AuditSealHeadRow,
): Promise<void> {
  const row = { id, chains, seals, hash };
  const set = macs === undefined ? row : macs.sealed('audit_seal_head', row);
  await transaction.updateTable('audit_seal_head').set(set).where('id', '=', 1).execute();
}

function auditColumns(event: AuditEvent): Omit<AuditRow, 'chain' | 'hash' | 'seq' | 'previous_hash'> {
  const { at, subject, tenant } = event;
  const facts = event.facts === undefined ? null : sortedJson(event.facts);
  return { at, event: event.event, subject, tenant, code: event.code ?? null, facts };
}

function sortedJson(facts: Readonly<Record<string, string | number>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1))));
}
