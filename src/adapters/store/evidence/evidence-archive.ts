import { sql } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import type { AuditEvent } from '../../../ports/audit.ts';
import type {
  EvidenceArchive,
  EvidenceLink,
  KeptRecord,
  PeriodRecords,
  PeriodRenewal,
  StampedPeriod,
} from '../../../ports/evidence-archive.ts';
import { changeWithEffects, type StoreContext } from '../context.ts';
import { guarded } from '../engine/store-errors.ts';
import { changeRows } from '../rows/change-rows.ts';
import { brokenRow } from '../rows/row-macs.ts';
import { type EvidenceChainRow, verifyEvidenceChain } from './evidence-chain.ts';
import {
  addRevocation,
  addTree,
  type EvidencePeriodRow,
  stampedPeriod,
  treesOf,
} from './evidence-periods.ts';

/** The hash chain over evidence and its time-stamped periods; both outlive the records. */
export function openEvidenceArchive(context: StoreContext): EvidenceArchive {
  const { connection, rows: macs } = context;
  const { db } = connection;
  const stamped = (rows: readonly EvidencePeriodRow[]) =>
    Promise.all(rows.map((row) => stampedPeriod(context, macs.checked('evidence_periods', row))));
  const periods = () => db.selectFrom('evidence_periods').selectAll();
  return {
    uncovered: (limit) => guarded(() => uncovered(context, limit)),
    lastPeriod: () =>
      guarded(async () => {
        const row = await periods().orderBy('period', 'desc').limit(1).executeTakeFirst();
        return row === undefined ? 0 : macs.checked('evidence_periods', row).period;
      }),
    close: (period, audit) => close(context, period, audit),
    ageing: (before, ended, limit) =>
      guarded(async () =>
        stamped(
          await periods()
            .where(({ eb, or }) =>
              or([
                eb('valid_until', '<', before),
                ...ended.map((algorithm) => eb('algorithms', 'like', `%"${algorithm}"%`)),
                ...(ended.length === 0 ? [] : [eb('algorithms', '=', '[]')]),
              ]),
            )
            .orderBy('valid_until')
            .limit(limit)
            .execute(),
        ),
      ),
    hashedWith: (hashes, limit) =>
      guarded(async () =>
        stamped(
          await periods()
            .where('hash', 'in', [...hashes])
            .orderBy('period')
            .limit(limit)
            .execute(),
        ),
      ),
    records: (period) =>
      guarded(async () => {
        const row = await periods().where('period', '=', period).executeTakeFirstOrThrow();
        return recordsOf(context, macs.checked('evidence_periods', row));
      }),
    renew: (period, count, added, audit) => renew(context, period, count, added, audit),
    covering: (id) => guarded(() => covering(context, id)),
    kept: (after, limit) => guarded(() => kept(context, after, limit)),
    unlinked: (after, limit) => guarded(() => unlinked(context, after, limit)),
    countKept: () => guarded(() => countKept(context)),
    periodAt: (seq) => guarded(() => periodAt(context, seq)),
    verify: (step) => guarded(() => verifyEvidenceChain(connection, macs, step)),
  };
}

async function uncovered(
  { connection, rows: macs }: StoreContext,
  limit: number,
): Promise<readonly EvidenceLink[]> {
  const { db } = connection;
  const last = await db
    .selectFrom('evidence_periods')
    .selectAll()
    .orderBy('last_seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const covered = last === undefined ? 0 : macs.checked('evidence_periods', last).last_seq;
  const rows = await db
    .selectFrom('evidence_chain')
    .selectAll()
    .where('seq', '>', covered)
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map((row) => linkOf(macs.checked('evidence_chain', row)));
}

function linkOf({ seq, record_sha256, hash, at }: EvidenceChainRow): EvidenceLink {
  return { seq, sha256: record_sha256, hash, at: at as EpochMillis };
}

async function close(
  context: StoreContext,
  { period, firstSeq, lastSeq, root, head, tokens, validUntil, algorithms, revocation }: StampedPeriod,
  audit: readonly AuditEvent[],
): Promise<boolean> {
  return changeWithEffects(context, { audit }, async (transaction) => {
    const { rows } = context;
    const row = {
      period,
      root,
      head,
      first_seq: firstSeq,
      last_seq: lastSeq,
      hash: 'sha256',
      tokens: tokens.length,
      valid_until: validUntil,
      algorithms: JSON.stringify(algorithms),
    };
    const written = await transaction
      .insertInto('evidence_periods')
      .values(rows.sealed('evidence_periods', row))
      .onConflict((conflict) => conflict.column('period').doNothing())
      .executeTakeFirst();
    if (written.numInsertedOrUpdatedRows !== 1n) return false;
    const values = tokens.map((token, index) =>
      rows.sealed('evidence_tokens', { period, n: index + 1, token }),
    );
    await transaction.insertInto('evidence_tokens').values(values).execute();
    await addRevocation(context, transaction, period, revocation);
    return true;
  });
}

async function renew(
  context: StoreContext,
  period: number,
  count: number,
  { token, validUntil, algorithms, revocation, tree, leaves = [] }: PeriodRenewal,
  audit: readonly AuditEvent[],
): Promise<boolean> {
  return changeWithEffects(context, { audit }, async (transaction) => {
    const { rows } = context;
    const renewed = { tokens: count + 1, valid_until: validUntil, algorithms: JSON.stringify(algorithms) };
    const set = tree === undefined ? renewed : Object.assign({ hash: tree.hash }, renewed);
    const where = sql<boolean>`period = ${period} and tokens = ${count}`;
    if ((await changeRows(transaction, rows, { table: 'evidence_periods', where, set })) !== 1) return false;
    const row = rows.sealed('evidence_tokens', { period, n: count + 1, token });
    await transaction.insertInto('evidence_tokens').values(row).execute();
    await addRevocation(context, transaction, period, revocation);
    if (tree !== undefined) await addTree(context, transaction, period, tree, leaves);
    return true;
  });
}

async function covering(
  context: StoreContext,
  id: string,
): Promise<Awaited<ReturnType<EvidenceArchive['covering']>>> {
  const { connection, rows: macs } = context;
  const { db } = connection;
  const links = db.selectFrom('evidence_chain').selectAll().where('id', '=', id);
  const link = await links.orderBy('seq', 'desc').limit(1).executeTakeFirst();
  if (link === undefined) return undefined;
  macs.checked('evidence_chain', link);
  const found = await periodAt(context, link.seq);
  return found === undefined ? undefined : { ...found, index: link.seq - found.period.firstSeq };
}

async function periodAt(
  context: StoreContext,
  seq: number,
): Promise<Awaited<ReturnType<EvidenceArchive['periodAt']>>> {
  const { connection, rows: macs } = context;
  const row = await connection.db
    .selectFrom('evidence_periods')
    .selectAll()
    .where('first_seq', '<=', seq)
    .where('last_seq', '>=', seq)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  macs.checked('evidence_periods', row);
  const { leaves } = await recordsOf(context, row);
  return { period: await stampedPeriod(context, row), leaves };
}

/** A link whose record was judged again: the record under its id now is that of a later link. */
const REPLACED = sql<number | boolean>`exists (select 1 from evidence_chain later
  where later.id = evidence_chain.id and later.seq > evidence_chain.seq)`;

async function kept(
  { connection, rows: macs }: StoreContext,
  after: number,
  limit: number,
): Promise<readonly KeptRecord[]> {
  const links = await connection.db
    .selectFrom('evidence_chain')
    .selectAll()
    .where('seq', '>', after)
    .where(({ exists, selectFrom }) =>
      exists(selectFrom('evidence').select('evidence.id').whereRef('evidence.id', '=', 'evidence_chain.id')),
    )
    .where(sql<boolean>`not ${REPLACED}`)
    .orderBy('seq')
    .limit(limit)
    .execute();
  return links.map((link) => {
    const { seq, id } = macs.checked('evidence_chain', link);
    return { seq, id };
  });
}

async function unlinked(
  { connection }: StoreContext,
  after: string,
  limit: number,
): Promise<readonly string[]> {
  const rows = await connection.db
    .selectFrom('evidence')
    .select('id')
    .where('id', '>', after)
    .where(({ exists, not, selectFrom }) =>
      not(
        exists(
          selectFrom('evidence_chain')
            .select('evidence_chain.id')
            .whereRef('evidence_chain.id', '=', 'evidence.id'),
        ),
      ),
    )
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

async function countKept({ connection }: StoreContext): Promise<number> {
  const { count } = await connection.db
    .selectFrom('evidence')
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

async function recordsOf(context: StoreContext, row: EvidencePeriodRow): Promise<PeriodRecords> {
  const { connection, rows: macs } = context;
  const { period, first_seq, last_seq } = row;
  const covered = connection.db
    .selectFrom('evidence_chain')
    .where('seq', '>=', first_seq)
    .where('seq', '<=', last_seq);
  const links = await covered.selectAll().orderBy('seq').execute();
  const gone = await covered.select('seq').where(sql<boolean>`${REPLACED}`).execute();
  const renewed = await connection.db
    .selectFrom('evidence_tree_leaves')
    .selectAll()
    .where('period', '=', period)
    .orderBy('n')
    .orderBy('seq')
    .execute();
  if (links.length !== last_seq - first_seq + 1) throw brokenRow('evidence_chain');
  for (const link of links) macs.checked('evidence_chain', link);
  for (const leaf of renewed) macs.checked('evidence_tree_leaves', leaf);
  const trees = new Map<number, string[]>();
  for (const { n, leaf } of renewed) {
    const tree = trees.get(n);
    if (tree === undefined) trees.set(n, [leaf]);
    else tree.push(leaf);
  }
  const made = await treesOf(context, row);
  if (made.some(({ n }) => trees.get(n)?.length !== links.length)) throw brokenRow('evidence_tree_leaves');
  const replaced = new Set(gone.map(({ seq }) => seq));
  return {
    ids: links.map(({ id, seq }) => (replaced.has(seq) ? undefined : id)),
    leaves: { records: links.map(({ record_sha256 }) => record_sha256), renewed: [...trees.values()] },
  };
}
