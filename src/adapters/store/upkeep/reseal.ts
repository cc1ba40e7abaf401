import { sql } from 'kysely';
import { asJitsuinError } from '../../../core/errors.ts';
import type { Step } from '../../../core/step.ts';
import type { SealContext, Sealer } from '../../../ports/sealer.ts';
import { sealHeader } from '../../keys/sealed-octets.ts';
import { guarded } from '../engine/store-errors.ts';
import { SEALED_COLUMNS, type SealedColumn } from '../records/sealed-columns.ts';
import { changeRows, keyOf } from '../rows/change-rows.ts';
import { MAC_TABLES, type MacTable, type MacTableName } from '../rows/mac-tables.ts';
import { type MacedRow, type RowMacs, rowMacs } from '../rows/row-macs.ts';
import type { Store } from '../store-options.ts';

const BATCH = 200;
const MAC_ENTRIES = Object.entries(MAC_TABLES) as [MacTableName, MacTable][];
/** Every column whose octets name a seal key. */
const NAMING_COLUMNS: readonly { readonly table: string; readonly column: string }[] = [
  ...SEALED_COLUMNS,
  ...MAC_ENTRIES.map(([table]) => ({ table, column: 'mac' })),
];

interface ResealResult {
  readonly resealed: number;
  /** Values that did not open: changed octets or a missing key. They stay as they are. */
  readonly failed: readonly (Omit<SealContext, 'tenant'> & { readonly code: string })[];
}

interface Value {
  readonly key: readonly string[];
  readonly sealed: Uint8Array;
  readonly context: SealContext;
}

/**
 * Seals every value again that another key than `activeKey` sealed, and gives every row its MAC again. Each value
 * is its own compare-and-set, so the roles may go on working, a stop loses nothing, and the next call goes on where
 * this one stopped.
 */
export async function reseal(
  store: Store,
  sealer: Sealer & { readonly activeKey: string },
  signal?: AbortSignal,
  step: Step = async () => undefined,
): Promise<ResealResult> {
  const macs = await remac(store, sealer, signal, step);
  const result = { resealed: macs.resealed, failed: [...macs.failed] };
  for (const column of SEALED_COLUMNS) {
    let after: readonly string[] | undefined;
    for (;;) {
      const values = await foreignValues(store, column, sealHeader(sealer.activeKey), after);
      for (const value of values) {
        if (signal?.aborted === true) return result;
        const code = await resealOne(store, sealer, column, value);
        if (code === undefined) result.resealed += 1;
        else if (code !== 'store.conflict') result.failed.push({ ...placeOf(value.context), code });
      }
      await step(values.length);
      after = values.at(-1)?.key;
      if (values.length < BATCH) break;
    }
  }
  return result;
}

function placeOf({ table, column, record }: SealContext): Omit<SealContext, 'tenant'> {
  return { table, column, record };
}

/** Undefined when done; `store.conflict` when somebody wrote the value meanwhile (with the active key, then). */
async function resealOne(
  store: Store,
  sealer: Sealer,
  column: SealedColumn,
  { key, sealed, context }: Value,
): Promise<string | undefined> {
  let again: Uint8Array;
  try {
    again = sealer.seal(sealer.open(sealed, context), context);
  } catch (thrown) {
    return asJitsuinError(thrown).code;
  }
  const written = await guarded(() =>
    sql`update ${sql.table(column.table)} set ${sql.ref(column.column)} = ${again}
      where ${keyEquals(column, key)} and ${sql.ref(column.column)} = ${sealed}`.execute(store.kysely),
  );
  return written.numAffectedRows === 1n ? undefined : 'store.conflict';
}

function keyEquals(column: SealedColumn, key: readonly string[]) {
  const parts = column.key.map((name, n) => sql`${sql.ref(name)} = ${key[n] ?? ''}`);
  return sql.join(parts, sql` and `);
}

async function foreignValues(
  store: Store,
  column: SealedColumn,
  header: Uint8Array,
  after: readonly string[] | undefined,
): Promise<readonly Value[]> {
  const blob = sql.ref(column.column);
  const keys = sql.join(column.key.map((name) => sql.ref(name)));
  const beyond = after === undefined ? sql`` : sql`and (${keys}) > (${sql.join([...after])})`;
  const { rows } = await guarded(() =>
    sql<Record<string, unknown>>`select * from ${sql.table(column.table)}
      where ${blob} is not null and substr(${blob}, 1, ${sql.lit(header.length)}) <> ${header} ${beyond}
      order by ${keys} limit ${sql.lit(BATCH)}`.execute(store.kysely),
  );
  return rows.flatMap((row) => {
    const sealed = row[column.column];
    if (!(sealed instanceof Uint8Array)) return [];
    const { record, tenant } = column.where(row);
    const context = { table: column.table, column: column.column, record, tenant };
    return [{ key: column.key.map((name) => String(row[name])), sealed, context }];
  });
}

/** Gives every row that carries a MAC of another key one of the active key, checked before. */
async function remac(
  store: Store,
  sealer: Sealer & { readonly activeKey: string },
  signal: AbortSignal | undefined,
  step: Step,
): Promise<ResealResult> {
  const result = { resealed: 0, failed: [] as ResealResult['failed'][number][] };
  const rows = rowMacs(sealer);
  const head = sealHeader(sealer.activeKey);
  const foreign = sql`substr(mac, 1, ${sql.lit(head.length)}) <> ${head}`;
  for (const [table, { key }] of MAC_ENTRIES) {
    const keys = sql.join(key.map((name) => sql.ref(name)));
    let after = sql``;
    for (;;) {
      const page = await guarded(() =>
        sql<MacedRow>`select * from ${sql.table(table)} where mac is not null and ${foreign} ${after}
          order by ${keys} limit ${sql.lit(BATCH)}`.execute(store.kysely),
      );
      for (const row of page.rows) {
        if (signal?.aborted === true) return result;
        const code = await remacOne(store, rows, table, row);
        const record = key.map((name) => String(row[name])).join(' ');
        if (code === undefined) result.resealed += 1;
        else result.failed.push({ table, column: 'mac', record, code });
      }
      await step(page.rows.length);
      const last = page.rows.at(-1);
      if (last === undefined || page.rows.length < BATCH) break;
      after = sql`and (${keys}) > (${sql.join(key.map((name) => last[name]))})`;
    }
  }
  return result;
}

/** Undefined when the row has a MAC of the active key, by this or by whoever wrote it meanwhile. */
async function remacOne(
  store: Store,
  rows: RowMacs,
  table: MacTableName,
  row: MacedRow,
): Promise<string | undefined> {
  try {
    await guarded(() => changeRows(store.kysely, rows, { table, where: keyOf(table, row), set: {} }));
    return undefined;
  } catch (thrown) {
    return asJitsuinError(thrown).code;
  }
}

/** How many sealed values this store holds, MACs of rows included. */
export async function sealedValues(store: Store): Promise<number> {
  let count = 0;
  for (const { table, column } of NAMING_COLUMNS) {
    const { rows } = await guarded(() =>
      sql<{ n: number }>`select count(${sql.ref(column)}) as n from ${sql.table(table)}`.execute(
        store.kysely,
      ),
    );
    count += Number(rows[0]?.n ?? 0);
  }
  return count;
}

/** How many sealed values of this store name the key: while there is one, the key must not go. */
export async function valuesSealedBy(store: Store, keyId: string): Promise<number> {
  const header = sealHeader(keyId);
  let count = 0;
  for (const { table, column } of NAMING_COLUMNS) {
    const { rows } = await guarded(() =>
      sql<{ n: number }>`select count(*) as n from ${sql.table(table)}
        where substr(${sql.ref(column)}, 1, ${sql.lit(header.length)}) = ${header}`.execute(store.kysely),
    );
    count += Number(rows[0]?.n ?? 0);
  }
  return count;
}
