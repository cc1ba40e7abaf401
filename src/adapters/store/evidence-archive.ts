import type { Selectable } from 'kysely';
import type { EpochMillis } from '../../core/brand.ts';
import type { AuditEvent } from '../../ports/audit.ts';
import type { EvidenceArchive, EvidenceLink, StampedPeriod } from '../../ports/evidence-archive.ts';
import { changeWithEffects, type StoreContext } from './context.ts';
import { type EvidenceChainRow, verifyEvidenceChain } from './evidence-chain.ts';
import type { EvidencePeriodTable } from './schema.ts';
import { guarded } from './store-errors.ts';

/** The hash chain over evidence and its time-stamped periods; both outlive the records. */
export function openEvidenceArchive(context: StoreContext): EvidenceArchive {
  const { connection } = context;
  const { db } = connection;
  return {
    uncovered: (limit) => guarded(() => uncovered(context, limit)),
    lastPeriod: () =>
      guarded(async () => {
        const row = await db
          .selectFrom('evidence_periods')
          .select('period')
          .orderBy('period', 'desc')
          .limit(1)
          .executeTakeFirst();
        return row?.period ?? 0;
      }),
    close: (period, audit) => close(context, period, audit),
    ageing: (before, limit) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('evidence_periods')
          .selectAll()
          .where('valid_until', '<', before)
          .orderBy('valid_until')
          .limit(limit)
          .execute();
        return Promise.all(rows.map((row) => stamped(context, row)));
      }),
    renew: (period, count, token, validUntil, audit) =>
      renew(context, { period, count, token, validUntil }, audit),
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

async function stamped(
  { connection }: StoreContext,
  row: Selectable<EvidencePeriodTable>,
): Promise<StampedPeriod> {
  const tokens = await connection.db
    .selectFrom('evidence_tokens')
    .select('token')
    .where('period', '=', row.period)
    .orderBy('n')
    .execute();
  return {
    ...{ period: row.period, firstSeq: row.first_seq, lastSeq: row.last_seq, root: row.root, head: row.head },
    tokens: tokens.map(({ token }) => new Uint8Array(token)),
    validUntil: row.valid_until as EpochMillis,
  };
}

async function close(
  context: StoreContext,
  { period, firstSeq, lastSeq, root, head, tokens, validUntil }: StampedPeriod,
  audit: readonly AuditEvent[],
): Promise<boolean> {
  return changeWithEffects(context, { audit }, async (transaction) => {
    const row = { period, first_seq: firstSeq, last_seq: lastSeq, root, head };
    const written = await transaction
      .insertInto('evidence_periods')
      .values({ ...row, tokens: tokens.length, valid_until: validUntil })
      .onConflict((conflict) => conflict.column('period').doNothing())
      .executeTakeFirst();
    if (written.numInsertedOrUpdatedRows !== 1n) return false;
    const values = tokens.map((token, index) => ({ period, n: index + 1, token }));
    await transaction.insertInto('evidence_tokens').values(values).execute();
    return true;
  });
}

interface Renewal {
  readonly period: number;
  readonly count: number;
  readonly token: Uint8Array;
  readonly validUntil: EpochMillis;
}

async function renew(
  context: StoreContext,
  { period, count, token, validUntil }: Renewal,
  audit: readonly AuditEvent[],
): Promise<boolean> {
  return changeWithEffects(context, { audit }, async (transaction) => {
    const written = await transaction
      .updateTable('evidence_periods')
      .set({ tokens: count + 1, valid_until: validUntil })
      .where('period', '=', period)
      .where('tokens', '=', count)
      .executeTakeFirst();
    if (written.numUpdatedRows !== 1n) return false;
    await transaction
      .insertInto('evidence_tokens')
      .values({ period, n: count + 1, token })
      .execute();
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
  const leaves = await db
    .selectFrom('evidence_chain')
    .select('record_sha256')
    .where('seq', '>=', row.first_seq)
    .where('seq', '<=', row.last_seq)
    .orderBy('seq')
    .execute();
  return {
    period: await stamped(context, row),
    leaves: leaves.map((leaf) => leaf.record_sha256),
    index: link.seq - row.first_seq,
  };
}
