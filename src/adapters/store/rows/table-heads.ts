import { createHash } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import { defined } from '../../../core/defined.ts';
import { JitsuinError } from '../../../core/errors.ts';
import type { StoreEngine, StoreTransaction } from '../engine/store-engine.ts';
import type { StoreSchema } from '../schema/schema.ts';
import type { Db } from './change-rows.ts';
import { type HeadedTable, MAC_TABLES } from './mac-tables.ts';
import { brokenRow, type RowMacs, rowText } from './row-macs.ts';

/** The values of the columns that a table's heads are told apart by; empty where the table has one head. */
export type HeadScope = Readonly<Record<string, string>>;

type Row<T extends HeadedTable> = Selectable<StoreSchema[T]>;

interface Head {
  readonly name: string;
  readonly version: number;
  readonly digest: string;
  readonly mac: Uint8Array | null;
}

/** What belongs together: rows that are ours, and the head that says that these are all. */
interface Headed<T extends HeadedTable> {
  readonly head: Head | undefined;
  readonly rows: readonly Row<T>[];
}

/** The highest version of each head that this process saw committed: an older one put back while it runs is refused. */
type HeadVersions = Map<string, number>;

export interface TableHeads {
  /**
   * All rows of the table (of the scope). @throws JitsuinError `seal.integrity`: one was changed, added, left out
   * or put back
   */
  rows<T extends HeadedTable>(db: Db, table: T, scope?: HeadScope): Promise<readonly Row<T>[]>;
  /**
   * Changes a headed table: the head is locked, the rows are checked, `change` gets them and writes, and the head
   * is made anew. Within the caller's transaction. A `change` that answers false or 0 has written nothing.
   */
  change<T extends HeadedTable, R>(
    transaction: StoreTransaction,
    table: T,
    change: (rows: readonly Row<T>[]) => Promise<R>,
    scope?: HeadScope,
  ): Promise<R>;
  /** The head of rows that are there now, whatever was before: after a restore, and when MACs are introduced. */
  make(transaction: StoreTransaction, table: HeadedTable, scope?: HeadScope): Promise<void>;
}

export function tableHeads(rows: RowMacs, engine: StoreEngine): TableHeads {
  const versions: HeadVersions = new Map();
  const sound = async <T extends HeadedTable>(db: Db, table: T, scope: HeadScope) => {
    const name = headName(table, scope);
    // taken before the question: a slower answer to an earlier one is no step back
    const floor = versions.get(name) ?? 0;
    const read = await readHeaded(db, table, scope);
    if (rows.closed) return read;
    checkHeaded(rows, table, read);
    const version = read.head?.version ?? 0;
    if (version < floor) throw brokenRow(table);
    // what a transaction sees of itself may be rolled back
    if (!db.isTransaction) versions.set(name, Math.max(version, versions.get(name) ?? 0));
    return read;
  };
  return {
    rows: async (db, table, scope = {}) => (await sound(db, table, scope)).rows,
    change: async (transaction, table, change, scope = {}) => {
      await lockHead(transaction, engine, headName(table, scope));
      const before = await sound(transaction, table, scope);
      const result = await change(before.rows);
      if (result !== false && result !== 0) await writeHead(transaction, rows, table, scope);
      return result;
    },
    make: (transaction, table, scope = {}) => writeHead(transaction, rows, table, scope),
  };
}

/** One statement, so that rows and head are of the same moment. */
async function readHeaded<T extends HeadedTable>(db: Db, table: T, scope: HeadScope): Promise<Headed<T>> {
  const [key = ''] = MAC_TABLES[table].key;
  const within = [
    sql`true`,
    ...Object.entries(scope).map(([name, value]) => sql`${sql.ref(`t.${name}`)} = ${value}`),
  ];
  const { rows } = await sql<Record<string, unknown>>`
    select h.name as head_name, h.version as head_version, h.digest as head_digest, h.mac as head_mac, t.*
    from (select 1 as one) o
    left join table_heads h on h.name = ${headName(table, scope)}
    left join ${sql.table(table)} t on ${sql.join(within, sql` and `)}
    order by ${sql.ref(`t.${key}`)}`.execute(db);
  return { head: headOf(rows[0]), rows: rows.filter((row) => row[key] !== null).map(bare) as Row<T>[] };
}

function headOf(row: Readonly<Record<string, unknown>> | undefined): Head | undefined {
  if (row === undefined || row['head_name'] === null) return undefined;
  const mac = row['head_mac'];
  return {
    name: String(row['head_name']),
    version: Number(row['head_version']),
    digest: String(row['head_digest']),
    mac: mac instanceof Uint8Array ? mac : null,
  };
}

function bare({ head_name, head_version, head_digest, head_mac, ...row }: Readonly<Record<string, unknown>>) {
  return row;
}

function checkHeaded<T extends HeadedTable>(macs: RowMacs, table: T, { head, rows }: Headed<T>): void {
  for (const row of rows) macs.checked(table, row);
  if (head === undefined) {
    // nobody of this scope ever had a row; a head of the whole table is there from the start
    if (rows.length === 0 && MAC_TABLES[table].head !== 'table') return;
    throw brokenRow(table);
  }
  macs.checked('table_heads', head);
  if (head.digest !== digestOf(table, rows)) throw brokenRow(table);
}

function headName(table: HeadedTable, scope: HeadScope): string {
  return [table, ...Object.values(scope)].join(' ');
}

/**
 * Hex SHA-256 over all that the MACs of the rows are of, in an order of its own: other MACs under a new key change
 * nothing.
 */
function digestOf<T extends HeadedTable>(table: T, rows: readonly Row<T>[]): string {
  const texts = rows.map((row) => rowText(table, { ...row })).sort();
  return createHash('sha256').update(texts.join('\n'), 'utf8').digest('hex');
}

/** Two changes of one table come one after the other; SQLite's transactions do so anyway. */
async function lockHead(transaction: StoreTransaction, engine: StoreEngine, name: string): Promise<void> {
  if (engine === 'sqlite') return;
  await sql`select pg_advisory_xact_lock(hashtextextended(current_schema() || ' head ' || ${name}, 0))`.execute(
    transaction,
  );
}

async function writeHead(
  transaction: StoreTransaction,
  macs: RowMacs,
  table: HeadedTable,
  scope: HeadScope,
): Promise<void> {
  if (macs.closed)
    throw new JitsuinError(
      'key.seal-missing',
      'This table is changed only with the seal key (JITSUIN_SEAL_KEY_FILE): its rows carry MACs.',
    );
  const { head, rows } = await readHeaded(transaction, table, scope);
  const name = headName(table, scope);
  const row = macs.sealed('table_heads', {
    name,
    version: (head?.version ?? 0) + 1,
    digest: digestOf(table, rows),
  });
  const { version, digest, mac } = row;
  await transaction
    .insertInto('table_heads')
    .values(defined({ name, version, digest, mac }))
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ version, digest, mac }))
    .execute();
}
