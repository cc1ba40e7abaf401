import { type Insertable, type Kysely, type Selectable, sql } from 'kysely';
import { hexSha256 } from '../../../core/digest/sha256.ts';
import type { Step } from '../../../core/step.ts';
import type { ChainState } from '../../../ports/audit.ts';
import { compiledOnce } from '../engine/compiled-once.ts';
import { laterOnce } from '../engine/later.ts';
import type { StoreEngine, StoreTransaction } from '../engine/store-engine.ts';
import { brokenRow, type RowMacs } from '../rows/row-macs.ts';
import type { EvidenceChainTable, EvidenceHeadTable, StoreSchema } from '../schema/schema.ts';

export type EvidenceChainRow = Selectable<EvidenceChainTable>;

const GENESIS = '0'.repeat(64);
const BATCH = 1_000;
/** The second stands for both in the logs of programs before 2026-11-28. */
const DELETIONS = ['evidence.deleted', 'verification.deleted'];

/** Hex SHA-256 over the canonical JSON of a link, which holds the hash of the link before. */
function linkHash({
  seq,
  at,
  id,
  record_sha256,
  previous_hash,
}: Omit<EvidenceChainRow, 'hash' | 'mac'>): string {
  return sha256Hex(JSON.stringify(['evidence', seq, at, id, record_sha256, previous_hash]));
}

export function sha256Hex(octets: Uint8Array | string): string {
  return hexSha256(octets);
}

const headRow = compiledOnce((db, _none: object, [engine]) => {
  const query = db.selectFrom('evidence_head').selectAll().where('id', '=', 1);
  return (engine === 'postgres' ? query.forUpdate() : query).compile();
});

const insertLink = laterOnce((db, row: Insertable<EvidenceChainTable>) =>
  db.insertInto('evidence_chain').values(row).compile(),
);

const moveHead = laterOnce((db, row: Insertable<EvidenceHeadTable>) =>
  db.updateTable('evidence_head').set(row).where('id', '=', 1).compile(),
);

/** Appends one link in the caller's transaction; the head row is locked, so the chain cannot fork. */
export async function appendLink(
  transaction: StoreTransaction,
  engine: StoreEngine,
  rows: RowMacs,
  link: Pick<EvidenceChainRow, 'id' | 'record_sha256' | 'at'>,
): Promise<void> {
  const [stored] = (await headRow(transaction, {}, [engine])).rows;
  if (stored === undefined) throw brokenRow('evidence_head');
  const head = rows.checked('evidence_head', stored);
  const open = { ...link, seq: head.seq + 1, previous_hash: head.hash };
  const row = rows.sealed('evidence_chain', Object.assign({}, open, { hash: linkHash(open) }));
  await insertLink(transaction, row);
  await moveHead(transaction, rows.sealed('evidence_head', { id: 1, seq: row.seq, hash: row.hash }));
}

/**
 * Walks the chain from its first link to the head; the periods must carry the hashes of the links at their ends,
 * and each link its record, or the audit log the record's deletion.
 */
export async function verifyEvidenceChain(
  { db }: { readonly db: Kysely<StoreSchema> },
  macs: RowMacs,
  step: Step = async () => undefined,
): Promise<ChainState> {
  const head = await db
    .selectFrom('evidence_head')
    .selectAll()
    .select(sql<number | null>`(select max(seq) from evidence_chain)`.as('newest'))
    .where('id', '=', 1)
    .executeTakeFirst();
  if (head === undefined) return { records: 0, head: GENESIS, brokenAt: 1 };
  const { newest, ...end } = head;
  if (!macs.isSound('evidence_head', end)) return { records: 0, head: GENESIS, brokenAt: end.seq };
  const ends = await db.selectFrom('evidence_periods').select(['last_seq', 'head']).execute();
  const periodHeads = new Map(ends.map((end) => [end.last_seq, end.head]));
  let seq = 0;
  let hash = GENESIS;
  while (seq < head.seq) {
    const rows = await db
      .selectFrom('evidence_chain')
      .selectAll()
      .where('seq', '>', seq)
      .where('seq', '<=', head.seq)
      .orderBy('seq')
      .limit(BATCH)
      .execute();
    const lost = await firstLost(db, seq, rows.at(-1)?.seq ?? seq);
    for (const row of rows) {
      const sound =
        row.seq === seq + 1 &&
        row.previous_hash === hash &&
        linkHash(row) === row.hash &&
        macs.isSound('evidence_chain', row) &&
        (periodHeads.get(row.seq) ?? row.hash) === row.hash;
      if (!sound) return { records: seq, head: hash, brokenAt: seq + 1 };
      if (row.seq === lost) return { records: seq, head: hash, brokenAt: lost };
      seq = row.seq;
      hash = row.hash;
    }
    if (rows.length === 0) return { records: seq, head: hash, brokenAt: seq + 1 };
    await step(rows.length);
  }
  if (hash !== head.hash) return { records: seq, head: hash, brokenAt: seq };
  const beyond = (newest ?? 0) > head.seq;
  return beyond ? { records: seq, head: hash, brokenAt: head.seq + 1 } : { records: seq, head: hash };
}

/** The first link in (`after`, `last`] whose record went without an audit record of it. */
async function firstLost(db: Kysely<StoreSchema>, after: number, last: number): Promise<number | undefined> {
  const { rows } = await sql<{ seq: number }>`
    select seq from evidence_chain c where seq > ${after} and seq <= ${last}
      and not exists (select 1 from evidence e where e.id = c.id)
      and not exists (select 1 from audit_records a where a.subject = c.id and a.event in (${sql.join(DELETIONS)}))
    order by seq limit 1`.execute(db);
  return rows[0] === undefined ? undefined : Number(rows[0].seq);
}
