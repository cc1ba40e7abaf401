import { sql } from 'kysely';
import type { Store } from '../../src/adapters/store/open-store.ts';
import { MAC_TABLES, type MacTableName } from '../../src/adapters/store/rows/mac-tables.ts';

/** Who can write the database: rows and columns by SQL, past everything that the store does. */
export type RawRow = Readonly<Record<string, unknown>>;

export const TAMPERED_TABLES = Object.keys(MAC_TABLES) as MacTableName[];

export async function rowsOf({ kysely }: Store, table: string): Promise<readonly RawRow[]> {
  return (await sql<RawRow>`select * from ${sql.table(table)}`.execute(kysely)).rows;
}

/** Sets these columns of one row; with the row itself it is put back as it was. */
export async function writeRow(
  { kysely }: Store,
  table: MacTableName,
  row: RawRow,
  columns: RawRow,
): Promise<void> {
  const set = sql.join(Object.entries(columns).map(([name, value]) => sql`${sql.ref(name)} = ${value}`));
  const where = sql.join(
    MAC_TABLES[table].key.map((name) => sql`${sql.ref(name)} = ${row[name]}`),
    sql` and `,
  );
  await sql`update ${sql.table(table)} set ${set} where ${where}`.execute(kysely);
}

/** The audit log's own guards against SQL: a thief drops them. */
export async function dropTriggers({ kysely }: Store): Promise<void> {
  const { rows } = await sql<{
    name: string;
  }>`select name from sqlite_master where type = 'trigger'`.execute(kysely);
  for (const { name } of rows) await sql`drop trigger ${sql.ref(name)}`.execute(kysely);
}

/** Columns that a row's MAC is there for. */
export function clearColumns(table: MacTableName, row: RawRow): readonly string[] {
  const { free = [], key } = MAC_TABLES[table];
  return Object.keys(row).filter(
    (name) => name !== 'mac' && !name.startsWith('sealed_') && !free.includes(name) && !key.includes(name),
  );
}

/** Values that somebody would want in a column, and one that is simply other. */
export function othersOf(wanted: readonly unknown[] | undefined, value: unknown): readonly unknown[] {
  const other =
    typeof value === 'number'
      ? value + 1_000
      : typeof value === 'string'
        ? `${value.slice(0, -1)}~`
        : undefined;
  return [...(wanted ?? []), other].filter((one) => one !== undefined && one !== value);
}
