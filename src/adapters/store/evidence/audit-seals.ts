import { type Selectable, sql } from 'kysely';
import { MerkleTree } from '../../../core/digest/merkle-tree.ts';
import { hexSha256 } from '../../../core/digest/sha256.ts';
import { toHex, toUtf8 } from '../../../core/encoding.ts';
import { JitsuinError } from '../../../core/errors.ts';
import { MINUTE_MILLIS } from '../../../core/spans.ts';
import type { StoreTransaction } from '../engine/store-engine.ts';
import { parsedJson } from '../records/row-values.ts';
import { changeRows, type Db } from '../rows/change-rows.ts';
import type { RowMacs } from '../rows/row-macs.ts';
import type { AuditSealTable } from '../schema/schema.ts';
import { type AuditChainRow, type AuditParts, lockSealHead, writeSealHead } from './audit-chain.ts';

export type AuditSealRow = Selectable<AuditSealTable>;

/** The longest that a record waits for a seal, while a process runs. */
export const SEAL_PAUSE = MINUTE_MILLIS;
/** A process that was not seen for so long is gone; should it come back, it opens another chain. */
const SILENCE = 10 * MINUTE_MILLIS;

/**
 * The end of one chain as it was sealed: number, length, hash of its last record, and who ended it (null: it goes on).
 */
export type SealedEnd = readonly [
  chain: number,
  seq: number,
  hash: string,
  endedBy: 'process' | 'silence' | null,
];

export function leavesOf({ leaves }: Pick<AuditSealRow, 'leaves'>): readonly SealedEnd[] {
  return parsedJson<readonly SealedEnd[]>(leaves);
}

/** Hex root of the tree over the ends, each leaf the JSON of `["audit end", chain, seq, hash, endedBy]`. */
export function sealRoot(ends: readonly SealedEnd[]): string {
  const leaves = ends.map((end) => toUtf8(JSON.stringify(['audit end', ...end])));
  return toHex(new MerkleTree(leaves).root);
}

export function sealHash({
  seq,
  at,
  root,
  previous_hash,
}: Pick<AuditSealRow, 'seq' | 'at' | 'root' | 'previous_hash'>): string {
  return hexSha256(JSON.stringify(['audit seal', seq, at, root, previous_hash]));
}

interface Sealing {
  readonly now: number;
  /** A seal of this age or younger will do. */
  readonly least: number;
}

/**
 * Seals the ends of all chains in the caller's transaction. One process at a time; writers of open chains are not
 * waited for.
 * @throws JitsuinError `audit.broken`: a chain that was sealed is gone or shorter, `seal.integrity`
 */
export async function sealChains(
  transaction: StoreTransaction,
  parts: AuditParts & { readonly macs: RowMacs },
  { now, least }: Sealing,
): Promise<boolean> {
  const { macs } = parts;
  const head = await lockSealHead(transaction, parts);
  const last = await sealNumbered(transaction, macs, head.seals);
  if (head.seals > 0 && last?.hash !== head.hash) throw notThere(`seal ${head.seals}`);
  if (last !== undefined && now - last.at < least && now >= last.at) return false;
  const chains = await unsealedChains(transaction, parts, now);
  const before = last === undefined ? [] : leavesOf(last).filter(([, , , endedBy]) => endedBy === null);
  const ends = chains.map(endOf);
  for (const sealed of before) requireStill(sealed, ends);
  if (JSON.stringify(ends) === JSON.stringify(before)) return false;
  const open = {
    seq: head.seals + 1,
    at: now,
    leaves: JSON.stringify(ends),
    root: sealRoot(ends),
    previous_hash: head.hash,
  };
  const seal = Object.assign({}, open, { hash: sealHash(open) });
  await transaction.insertInto('audit_seals').values(macs.sealed('audit_seals', seal)).execute();
  await writeSealHead(transaction, parts, { ...head, seals: seal.seq, hash: seal.hash });
  const where = sql<boolean>`final_seal is null and closed_at is not null
    and id in (${sql.join([0, ...chains.map(({ id }) => id)])})`;
  await changeRows(transaction, macs, { table: 'audit_chains', where, set: { final_seal: seal.seq } });
  return true;
}

/** Whether a seal is young enough; asked before anything is locked. */
export async function isSealedSince(db: Db, instant: number, now: number): Promise<boolean> {
  const last = await db
    .selectFrom('audit_seals')
    .select('at')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last !== undefined && last.at > instant && last.at <= now;
}

async function sealNumbered(db: Db, macs: RowMacs, seq: number): Promise<AuditSealRow | undefined> {
  const row = await db.selectFrom('audit_seals').selectAll().where('seq', '=', seq).executeTakeFirst();
  return row === undefined ? undefined : macs.checked('audit_seals', row);
}

/** Every chain whose last end no seal holds; those whose process is gone are ended. */
async function unsealedChains(
  transaction: StoreTransaction,
  { macs }: { readonly macs: RowMacs },
  now: number,
): Promise<readonly AuditChainRow[]> {
  const silent = sql<boolean>`final_seal is null and closed_at is null and beat_at < ${now - SILENCE}`;
  const set = { closed_at: now, ended_by: 'silence' };
  await changeRows(transaction, macs, { table: 'audit_chains', where: silent, set });
  const rows = await transaction
    .selectFrom('audit_chains')
    .selectAll()
    .where('final_seal', 'is', null)
    .orderBy('id')
    .execute();
  return rows.map((row) => macs.checked('audit_chains', row));
}

export function endOf({ id, seq, hash, closed_at, ended_by }: AuditChainRow): SealedEnd {
  if (closed_at === null) return [id, seq, hash, null];
  return [id, seq, hash, ended_by === 'process' ? 'process' : 'silence'];
}

function requireStill([chain, seq, hash]: SealedEnd, ends: readonly SealedEnd[]): void {
  const now = ends.find(([id]) => id === chain);
  const still = now !== undefined && (now[1] > seq || (now[1] === seq && now[2] === hash));
  if (!still) throw notThere(`chain ${chain}`);
}

function notThere(what: string): JitsuinError {
  return new JitsuinError('audit.broken', 'What was sealed of the audit log is not there any more.', {
    at: what,
  });
}
