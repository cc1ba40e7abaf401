import { type Kysely, sql, type Transaction } from 'kysely';
import { hexSha256 } from '../../../core/digest/sha256.ts';
import { JitsuinError } from '../../../core/errors.ts';
import type { Step } from '../../../core/step.ts';
import { guarded } from '../engine/store-errors.ts';
import type { StoreSchema } from '../schema/schema.ts';
import type { Store } from '../store-options.ts';

/** One table as it was moved. */
interface MovedTable {
  readonly table: string;
  readonly rows: number;
  /** Hex SHA-256 sum over all rows, in no order: equal at both ends, or nothing is moved. */
  readonly digest: string;
}

type Row = Readonly<Record<string, unknown>>;
type Db = Kysely<StoreSchema> | Transaction<StoreSchema>;

const BATCH = 200;
const MODULUS = 1n << 256n;
/** Not data: each store keeps its own. */
const OWN = new Set(['kysely_migration']);
/** Rows from the start: which tells where a chain ends, and what the first program that opened the store wrote. */
const FROM_THE_START: Readonly<Record<string, string>> = {
  audit_first_log: 'seq > 0',
  audit_seal_head: 'chains > 0',
  evidence_head: 'seq > 0',
  store_marks: "name not in ('row-macs', 'timeline')",
  table_heads: 'version > 1',
  index_keys: 'name is null',
};

/**
 * Copies every row of an embedded store into an empty PostgreSQL store of the same role and schema version, as it
 * is: sealed values stay sealed under the same key. The source is locked against writers meanwhile. Rows are read
 * back as the target stored them and compared before the commit; all or nothing.
 * @throws JitsuinError `store.not-empty`, `store.migration` (schemas differ), `store.unavailable`,
 * `internal.unexpected` (a
 *   row came back changed: nothing was moved)
 */
export async function moveStore(
  source: Store,
  target: Store,
  step: Step = async () => undefined,
): Promise<readonly MovedTable[]> {
  if (source.engine !== 'sqlite' || target.engine !== 'postgres' || source.role !== target.role) {
    throw new JitsuinError('usage.arguments', 'A store moves from SQLite to PostgreSQL, within one role.');
  }
  return guarded(() =>
    source.kysely.transaction().execute(async (from) => {
      const tables = await tablesOf(from);
      return target.kysely.transaction().execute(async (to) => {
        for (const table of tables) await requireEmpty(to, table);
        const moved: MovedTable[] = [];
        for (const table of tables) moved.push(await moveTable(from, to, table, step));
        return moved;
      });
    }),
  );
}

/** In the order of their making: what others refer to comes first. */
async function tablesOf(from: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`select name from sqlite_master
    where type = 'table' and name not like 'sqlite_%' order by rowid`.execute(from);
  return rows.map(({ name }) => name).filter((name) => !OWN.has(name));
}

async function requireEmpty(to: Db, table: string): Promise<void> {
  const own = FROM_THE_START[table];
  const condition = own === undefined ? sql`` : sql`where ${sql.raw(own)}`;
  const { rows } = await sql`select 1 from ${sql.table(table)} ${condition} limit 1`.execute(to);
  if (rows.length === 0) return;
  throw new JitsuinError('store.not-empty', `The target holds data already (${table}).`, { at: table });
}

async function moveTable(from: Db, to: Db, table: string, step: Step): Promise<MovedTable> {
  if (FROM_THE_START[table] !== undefined) await sql`delete from ${sql.table(table)}`.execute(to);
  let rows = 0;
  let sent = 0n;
  let stored = 0n;
  let last = -1;
  for (;;) {
    const page = await sql<Row>`select rowid as move_rowid, * from ${sql.table(table)}
      where rowid > ${last} order by rowid limit ${BATCH}`.execute(from);
    if (page.rows.length === 0) break;
    last = Number(page.rows.at(-1)?.['move_rowid']);
    const batch = page.rows.map(({ move_rowid: _place, ...row }) => row);
    const back = await insert(to, table, batch);
    sent = sumOf(sent, batch);
    stored = sumOf(stored, back);
    rows += batch.length;
    await step(batch.length);
  }
  const { rows: counted } = await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(
    to,
  );
  if (sent !== stored || counted[0]?.n !== rows) {
    throw new JitsuinError('internal.unexpected', `Rows of ${table} came back changed; nothing was moved.`, {
      at: table,
    });
  }
  return { table, rows, digest: sent.toString(16).padStart(64, '0') };
}

async function insert(to: Db, table: string, batch: readonly Row[]): Promise<readonly Row[]> {
  const columns = Object.keys(batch[0] ?? {});
  const values = batch.map((row) => sql`(${sql.join(columns.map((column) => row[column]))})`);
  const { rows } =
    await sql<Row>`insert into ${sql.table(table)} (${sql.join(columns.map((column) => sql.ref(column)))})
    values ${sql.join(values)} returning *`.execute(to);
  return rows;
}

/** Adds the hash of each row: the order of rows, which the engines see differently, does not matter. */
function sumOf(start: bigint, rows: readonly Row[]): bigint {
  return rows.reduce((sum, row) => (sum + hashOf(row)) % MODULUS, start);
}

function hashOf(row: Row): bigint {
  const members = Object.entries(row)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => [name, value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value]);
  return BigInt(`0x${hexSha256(JSON.stringify(members))}`);
}
