import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import type { StoreSchema } from '../schema/schema.ts';
import { MAC_TABLES, type MacTableName } from './mac-tables.ts';
import type { ColumnValue, MacedRow, RowMacs } from './row-macs.ts';

export type Db = Kysely<StoreSchema> | Transaction<StoreSchema>;

/** Rows to change: where they are, and the columns that get other values. */
interface RowChange {
  readonly table: MacTableName;
  readonly where: RawBuilder<boolean>;
  readonly set: Readonly<Record<string, ColumnValue>>;
}

/**
 * Changes single columns of rows that carry a MAC: each row is read, checked, and written with its new MAC,
 * provided that it is still as it was read. Gives how many were changed; another one's change at the same moment
 * counts as "not there any more".
 * @throws JitsuinError `seal.integrity`: a row is not ours, and stays as it is
 */
export async function changeRows(db: Db, rows: RowMacs, { table, where, set }: RowChange): Promise<number> {
  const found = await sql<MacedRow>`select * from ${sql.table(table)} where ${where}`.execute(db);
  let changed = 0;
  for (const row of found.rows) {
    const before = rows.checked(table, row);
    const { mac } = rows.sealed(table, Object.assign({}, before, set));
    const columns = Object.entries({ ...set, mac }).map(([name, value]) => sql`${sql.ref(name)} = ${value}`);
    const written = await sql`update ${sql.table(table)} set ${sql.join(columns)}
      where ${keyOf(table, before)} and mac = ${before['mac']}`.execute(db);
    changed += Number(written.numAffectedRows ?? 0n);
  }
  return changed;
}

/** The condition that names this one row. */
export function keyOf(table: MacTableName, row: MacedRow): RawBuilder<boolean> {
  const parts = MAC_TABLES[table].key.map((name) => sql`${sql.ref(name)} = ${row[name]}`);
  return sql<boolean>`${sql.join(parts, sql` and `)}`;
}
