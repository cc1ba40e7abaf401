import { type SelectQueryBuilder, sql } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import { asJitsuinError } from '../../../core/errors.ts';
import type { StoreSchema } from '../schema/schema.ts';

/** The tables whose rows are records with a state, clocks and secrets. */
type RecordTable = 'applications' | 'verifications';

type Rows<Table extends RecordTable, Row> = SelectQueryBuilder<StoreSchema, Table, Row>;

/** Rows whose deadline has passed without an end, then rows whose secrets are to be purged; at most `limit`. */
export async function dueRecords<Table extends RecordTable, Row, Opened extends { readonly id: string }>(
  rows: () => Rows<Table, Row>,
  open: (rows: Rows<Table, Row>) => Promise<readonly Opened[]>,
  now: EpochMillis,
  limit: number,
): Promise<readonly Opened[]> {
  const late = await open(
    rows().where(sql<boolean>`ended = 0 and deadline <= ${now}`).orderBy(sql`deadline`).limit(limit),
  );
  const purgeable = await open(
    rows().where(sql<boolean>`secrets_kept = 1 and purge_at <= ${now}`).orderBy(sql`purge_at`).limit(limit),
  );
  const ids = new Set(late.map(({ id }) => id));
  return [...late, ...purgeable.filter(({ id }) => !ids.has(id))].slice(0, limit);
}

/** Rows that have stood in one of `states` since before `before`, the oldest first. */
export function stuckRows<Table extends RecordTable, Row>(
  rows: Rows<Table, Row>,
  states: readonly string[],
  before: EpochMillis,
  limit: number,
): Rows<Table, Row> {
  return rows
    .where(sql<boolean>`ended = 0 and state in (${sql.join([...states])}) and updated_at < ${before}`)
    .orderBy(sql`updated_at`)
    .limit(limit);
}

/** Rows that stand in `state` and must have left it by `deadline`, the earliest first. */
export function standingRows<Table extends RecordTable, Row>(
  rows: Rows<Table, Row>,
  state: string,
  deadline: EpochMillis,
  limit: number,
): Rows<Table, Row> {
  return rows
    .where(sql<boolean>`ended = 0 and state = ${state} and deadline <= ${deadline}`)
    .orderBy(sql`deadline`)
    .limit(limit);
}

interface Ways<Table extends RecordTable, Row, Opened> {
  rows(): Rows<Table, Row>;
  /** Whole records. @throws JitsuinError `seal.integrity` when one of them does not open */
  complete(rows: Rows<Table, Row>): Promise<readonly Opened[]>;
  /** Of these rows, whether they are ours or not. */
  ids(rows: Rows<Table, Row>): Promise<readonly { readonly id: string }[]>;
  /** Without secrets. */
  plain(rows: Rows<Table, Row>): Promise<readonly Opened[]>;
}

/**
 * Records for the sweep. One whose seal is broken comes without its secrets: it can only end, and must not hold up
 * what is due of the others. One whose row is not ours does not come at all: nothing that it says is believed.
 */
export async function openForSweep<Table extends RecordTable, Row, Opened extends { readonly id: string }>(
  { rows, complete, plain, ids }: Ways<Table, Row, Opened>,
  query: Rows<Table, Row>,
): Promise<readonly Opened[]> {
  const whole = await unlessBroken(() => complete(query));
  if (whole !== undefined) return whole;
  const opened: Opened[] = [];
  for (const { id } of await ids(query)) {
    const byId = () => rows().where(sql<boolean>`id = ${id}`);
    const one = (await unlessBroken(() => complete(byId()))) ?? (await unlessBroken(() => plain(byId())));
    if (one?.[0] !== undefined) opened.push(one[0]);
  }
  return opened;
}

async function unlessBroken<T>(open: () => Promise<T>): Promise<T | undefined> {
  try {
    return await open();
  } catch (thrown) {
    if (asJitsuinError(thrown).code === 'seal.integrity') return undefined;
    throw thrown;
  }
}
