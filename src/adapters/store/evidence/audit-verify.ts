import { sql } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import type { Step } from '../../../core/step.ts';
import type { AuditState, UnclosedChain } from '../../../ports/audit.ts';
import type { Db } from '../rows/change-rows.ts';
import type { RowMacs } from '../rows/row-macs.ts';
import { AUDIT_GENESIS, type AuditChainRow, type AuditRow, auditHash, chainGenesis } from './audit-chain.ts';
import { type AuditSealRow, endOf, leavesOf, type SealedEnd, sealHash, sealRoot } from './audit-seals.ts';

const BATCH = 1_000;

/** Where the walk met what is not so. */
class Broken extends Error {
  readonly place: Pick<AuditState, 'brokenAt' | 'brokenChain' | 'brokenSeal'>;

  constructor(place: Pick<AuditState, 'brokenAt' | 'brokenChain' | 'brokenSeal'>) {
    super('broken');
    this.place = place;
  }
}

/** What the walk has seen so far. */
interface Walk {
  readonly db: Db;
  readonly step: Step;
  readonly macs: RowMacs | undefined;
  readonly noted: string | undefined;
  met: boolean;
  records: number;
  head: string;
  chains: number;
  seals: number;
  unsealed: number;
  readonly unclosed: UnclosedChain[];
}

/**
 * Walks all seals and all chains, each from its first record to its end as it stood at the start. Ends and head must be
 * ours, every sealed end must be a record of its chain, no chain and no seal may be left out, and the log must hold the
 * head that was noted elsewhere: else it was cut, or made anew, since then.
 */
export async function verifyAudit(
  db: Db,
  macs: RowMacs | undefined,
  noted: string | undefined,
  step: Step = async () => undefined,
): Promise<AuditState> {
  const walk: Walk = {
    db,
    step,
    macs,
    noted,
    met: noted === undefined || noted === AUDIT_GENESIS,
    records: 0,
    head: AUDIT_GENESIS,
    chains: 0,
    seals: 0,
    unsealed: 0,
    unclosed: [],
  };
  let place: Broken['place'] = {};
  try {
    await walkAll(walk);
    // the place after the last record: what was noted must have come after it
    if (!walk.met) place = { brokenAt: walk.records + 1 };
  } catch (thrown) {
    if (!(thrown instanceof Broken)) throw thrown;
    place = thrown.place;
  }
  const { records, head, chains, seals, unsealed, unclosed } = walk;
  return defined({ records, head, chains, seals, unsealed, unclosed, ...place });
}

async function walkAll(walk: Walk): Promise<void> {
  const { db, macs } = walk;
  const row = await db
    .selectFrom('audit_seal_head')
    .selectAll()
    .select(sql<number | null>`(select max(seq) from audit_seals)`.as('newest'))
    .where('id', '=', 1)
    .executeTakeFirst();
  if (row === undefined) throw new Broken({ brokenAt: 1 });
  const { newest, ...head } = row;
  if (macs?.isSound('audit_seal_head', head) === false)
    throw new Broken({ brokenAt: 1, brokenSeal: head.seals });
  await walkFirstLog(walk);
  const sealed = await walkSeals(walk, head.seals);
  if (walk.head !== head.hash || (newest ?? 0) > head.seals)
    throw new Broken({ brokenAt: 1, brokenSeal: head.seals });
  await walkChains(walk, head.chains, sealed);
  await refuseStrangeChains(walk);
}

/** The log of before: its end never changes again. */
async function walkFirstLog(walk: Walk): Promise<void> {
  const { db, macs } = walk;
  const end = await db.selectFrom('audit_first_log').selectAll().where('id', '=', 1).executeTakeFirst();
  if (end === undefined) throw new Broken({ brokenAt: 1, brokenChain: 0 });
  const hash = await walkRecords(walk, { id: 0, seq: end.seq, genesis: AUDIT_GENESIS });
  if (hash !== end.hash || macs?.isSound('audit_first_log', end) === false)
    throw new Broken({ brokenAt: end.seq, brokenChain: 0 });
  await refuseBeyond(walk, 0, end.seq);
  walk.head = end.hash;
}

/** Gives the last sealed end of each chain. */
async function walkSeals(walk: Walk, most: number): Promise<ReadonlyMap<number, SealedEnd>> {
  const sealed = new Map<number, SealedEnd>();
  while (walk.seals < most) {
    const rows = await walk.db
      .selectFrom('audit_seals')
      .selectAll()
      .where('seq', '>', walk.seals)
      .where('seq', '<=', most)
      .orderBy('seq')
      .limit(BATCH)
      .execute();
    if (rows.length === 0) throw new Broken({ brokenAt: 1, brokenSeal: walk.seals + 1 });
    for (const row of rows) await walkSeal(walk, row, sealed);
    await walk.step(0);
  }
  return sealed;
}

async function walkSeal(walk: Walk, row: AuditSealRow, sealed: Map<number, SealedEnd>): Promise<void> {
  const broken = new Broken({ brokenAt: 1, brokenSeal: walk.seals + 1 });
  const ends = leavesIn(row);
  const sound =
    ends !== undefined &&
    row.seq === walk.seals + 1 &&
    row.previous_hash === walk.head &&
    sealRoot(ends) === row.root &&
    sealHash(row) === row.hash &&
    walk.macs?.isSound('audit_seals', row) !== false;
  if (!sound) throw broken;
  const now = new Map(ends.map((end) => [end[0], end]));
  // a chain that went on when it was last sealed is in the next seal too
  for (const [chain, [, seq, , endedBy]] of sealed)
    if (endedBy === null && (now.get(chain)?.[1] ?? -1) < seq) throw broken;
  const grown = ends.filter(([chain, seq]) => seq > 0 && seq !== sealed.get(chain)?.[1]);
  if (!(await areRecords(walk.db, grown))) throw broken;
  for (const end of ends) {
    const before = sealed.get(end[0]);
    if (before !== undefined && before[3] !== null) throw broken;
    if (before !== undefined && before[1] === end[1] && before[2] !== end[2]) throw broken;
    sealed.set(end[0], end);
  }
  walk.seals = row.seq;
  walk.head = row.hash;
  walk.met ||= row.hash === walk.noted;
}

/** Undefined for what is no list of ends at all. */
function leavesIn(row: AuditSealRow): readonly SealedEnd[] | undefined {
  try {
    const ends = leavesOf(row);
    return ends.every((end) => typeof end === 'object') ? ends : undefined;
  } catch {
    return undefined;
  }
}

async function areRecords(db: Db, ends: readonly SealedEnd[]): Promise<boolean> {
  for (const [chain, seq, hash] of ends) {
    const record = await db
      .selectFrom('audit_records')
      .select('hash')
      .where('chain', '=', chain)
      .where('seq', '=', seq)
      .executeTakeFirst();
    if (record?.hash !== hash) return false;
  }
  return true;
}

async function walkChains(walk: Walk, most: number, sealed: ReadonlyMap<number, SealedEnd>): Promise<void> {
  while (walk.chains < most) {
    const rows = await walk.db
      .selectFrom('audit_chains')
      .selectAll()
      .where('id', '>', walk.chains)
      .where('id', '<=', most)
      .orderBy('id')
      .limit(BATCH)
      .execute();
    if (rows.length === 0) throw new Broken({ brokenAt: 1, brokenChain: walk.chains + 1 });
    for (const row of rows) await walkChain(walk, row, sealed.get(row.id));
  }
  for (const chain of sealed.keys()) if (chain > most) throw new Broken({ brokenAt: 1, brokenChain: chain });
}

async function walkChain(walk: Walk, row: AuditChainRow, sealed: SealedEnd | undefined): Promise<void> {
  const { id, seq } = row;
  if (id !== walk.chains + 1) throw new Broken({ brokenAt: 1, brokenChain: walk.chains + 1 });
  const hash = await walkRecords(walk, { id, seq, genesis: chainGenesis(row) });
  const brokenEnd = new Broken({ brokenAt: Math.max(seq, 1), brokenChain: id });
  if (hash !== row.hash || walk.macs?.isSound('audit_chains', row) === false) throw brokenEnd;
  if (sealed !== undefined && !goesOnFrom(sealed, row)) throw brokenEnd;
  const finallySealed = row.final_seal !== null && row.final_seal <= walk.seals;
  if (finallySealed && sealed?.[3] !== endOf(row)[3]) throw brokenEnd;
  await refuseBeyond(walk, id, seq);
  walk.chains = id;
  walk.unsealed += seq - (sealed?.[1] ?? 0);
  if (row.ended_by === 'process') return;
  walk.unclosed.push({
    chain: id,
    openedAt: row.opened_at as EpochMillis,
    records: seq,
    seenAt: row.beat_at as EpochMillis,
    ended: row.closed_at !== null,
  });
}

/** Whether the end is where the seal says, or further on where the seal says that the chain goes on. */
function goesOnFrom([, seq, , endedBy]: SealedEnd, row: AuditChainRow): boolean {
  if (endedBy === null) return row.seq >= seq;
  return row.seq === seq && endOf(row)[3] === endedBy;
}

/** Gives the hash of the record number `seq`. */
async function walkRecords(
  walk: Walk,
  { id, seq: most, genesis }: { readonly id: number; readonly seq: number; readonly genesis: string },
): Promise<string> {
  let seq = 0;
  let hash = genesis;
  while (seq < most) {
    const rows: readonly AuditRow[] = await walk.db
      .selectFrom('audit_records')
      .selectAll()
      .where('chain', '=', id)
      .where('seq', '>', seq)
      .where('seq', '<=', most)
      .orderBy('seq')
      .limit(BATCH)
      .execute();
    for (const row of rows) {
      const sound = row.seq === seq + 1 && row.previous_hash === hash && auditHash(row) === row.hash;
      if (!sound) throw new Broken({ brokenAt: seq + 1, brokenChain: id });
      seq = row.seq;
      hash = row.hash;
      walk.records += 1;
      walk.met ||= hash === walk.noted;
    }
    if (rows.length === 0) throw new Broken({ brokenAt: seq + 1, brokenChain: id });
    await walk.step(rows.length);
  }
  return hash;
}

/** A record behind the end is nobody's; where the chain goes on meanwhile its end has moved too. */
async function refuseBeyond({ db }: Walk, id: number, seq: number): Promise<void> {
  const end = id === 0 ? sql`${seq}` : sql`(select seq from audit_chains where id = ${id})`;
  const { rows } =
    await sql`select 1 from audit_records where chain = ${id} and seq > ${end} limit 1`.execute(db);
  if (rows.length > 0) throw new Broken({ brokenAt: seq + 1, brokenChain: id });
}

/** Records of a chain that the head does not count. */
async function refuseStrangeChains({ db, chains }: Walk): Promise<void> {
  const { rows } = await sql<{ chain: number }>`select chain from audit_records
    where (chain > ${chains} and chain > (select chains from audit_seal_head where id = 1))
      or chain < 0 limit 1`.execute(db);
  const [strange] = rows;
  if (strange !== undefined) throw new Broken({ brokenAt: 1, brokenChain: Number(strange.chain) });
  const more = await sql<{ id: number }>`select id from audit_chains
    where id > (select chains from audit_seal_head where id = 1) or id < 1 limit 1`.execute(db);
  if (more.rows[0] !== undefined) throw new Broken({ brokenAt: 1, brokenChain: Number(more.rows[0].id) });
}
