import type { EpochMillis } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import type { AuditEvent } from '../../../ports/audit.ts';
import type {
  EvidenceArchive,
  EvidenceLink,
  PeriodRecords,
  PeriodRenewal,
  StampedPeriod,
} from '../../../ports/evidence-archive.ts';
import { changeWithEffects, type StoreContext } from '../context.ts';
import { guarded } from '../engine/store-errors.ts';
import { type EvidenceChainRow, verifyEvidenceChain } from './evidence-chain.ts';
import { addRevocation, addTree, type EvidencePeriodRow, stampedPeriod } from './evidence-periods.ts';

/** The hash chain over evidence and its time-stamped periods; both outlive the records. */
export function openEvidenceArchive(context: StoreContext): EvidenceArchive {
  const { connection } = context;
  const { db } = connection;
  const stamped = (rows: readonly EvidencePeriodRow[]) =>
    Promise.all(rows.map((row) => stampedPeriod(context, row)));
  const periods = () => db.selectFrom('evidence_periods').selectAll();
  return {
    uncovered: (limit) => guarded(() => uncovered(context, limit)),
    lastPeriod: () =>
      guarded(async () => {
        const row = await periods().orderBy('period', 'desc').limit(1).executeTakeFirst();
        return row?.period ?? 0;
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
        return recordsOf(context, row);
      }),
    renew: (period, count, added, audit) => renew(context, period, count, added, audit),
    covering: (id) => guarded(() => covering(context, id)),
    verify: () => guarded(() => verifyEvidenceChain(connection)),
  };
}

async function uncovered({ connection }: StoreContext, limit: number): Promise<readonly EvidenceLink[]> {
  const { db } = connection;
  const last = await db
    .selectFrom('evidence_periods')
    .select('last_seq')
    .orderBy('last_seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const rows = await db
    .selectFrom('evidence_chain')
    .selectAll()
    .where('seq', '>', last?.last_seq ?? 0)
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map(linkOf);
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
    const row = { period, first_seq: firstSeq, last_seq: lastSeq, root, head, hash: 'sha256' };
    const written = await transaction
      .insertInto('evidence_periods')
      .values({
        ...row,
        tokens: tokens.length,
        valid_until: validUntil,
        algorithms: JSON.stringify(algorithms),
      })
      .onConflict((conflict) => conflict.column('period').doNothing())
      .executeTakeFirst();
    if (written.numInsertedOrUpdatedRows !== 1n) return false;
    const values = tokens.map((token, index) => ({ period, n: index + 1, token }));
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
    const written = await transaction
      .updateTable('evidence_periods')
      .set(
        defined({
          tokens: count + 1,
          valid_until: validUntil,
          algorithms: JSON.stringify(algorithms),
          hash: tree === undefined ? undefined : tree.hash,
        }),
      )
      .where('period', '=', period)
      .where('tokens', '=', count)
      .executeTakeFirst();
    if (written.numUpdatedRows !== 1n) return false;
    const row = { period, n: count + 1, token };
    await transaction.insertInto('evidence_tokens').values(row).execute();
    await addRevocation(context, transaction, period, revocation);
    if (tree !== undefined) await addTree(transaction, period, tree, leaves);
    return true;
  });
}

async function covering(
  context: StoreContext,
  id: string,
): Promise<Awaited<ReturnType<EvidenceArchive['covering']>>> {
  const { db } = context.connection;
  const link = await db.selectFrom('evidence_chain').select('seq').where('id', '=', id).executeTakeFirst();
  if (link === undefined) return undefined;
  const row = await db
    .selectFrom('evidence_periods')
    .selectAll()
    .where('first_seq', '<=', link.seq)
    .where('last_seq', '>=', link.seq)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { leaves } = await recordsOf(context, row);
  return { period: await stampedPeriod(context, row), leaves, index: link.seq - row.first_seq };
}

async function recordsOf(
  { connection }: StoreContext,
  { period, first_seq, last_seq }: EvidencePeriodRow,
): Promise<PeriodRecords> {
  const links = await connection.db
    .selectFrom('evidence_chain')
    .select(['id', 'record_sha256'])
    .where('seq', '>=', first_seq)
    .where('seq', '<=', last_seq)
    .orderBy('seq')
    .execute();
  const renewed = await connection.db
    .selectFrom('evidence_tree_leaves')
    .select(['n', 'leaf'])
    .where('period', '=', period)
    .orderBy('n')
    .orderBy('seq')
    .execute();
  const trees = new Map<number, string[]>();
  for (const { n, leaf } of renewed) {
    const tree = trees.get(n);
    if (tree === undefined) trees.set(n, [leaf]);
    else tree.push(leaf);
  }
  return {
    ids: links.map(({ id }) => id),
    leaves: { records: links.map(({ record_sha256 }) => record_sha256), renewed: [...trees.values()] },
  };
}
