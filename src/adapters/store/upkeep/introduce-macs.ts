import { createHmac, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { JitsuinError } from '../../../core/errors.ts';
import type { Sealer } from '../../../ports/sealer.ts';
import type { StoreConnection } from '../engine/connection.ts';
import type { StoreTransaction } from '../engine/store-engine.ts';
import { guarded } from '../engine/store-errors.ts';
import { type Db, keyOf } from '../rows/change-rows.ts';
import { type HeadedTable, MAC_TABLES, type MacTable, type MacTableName } from '../rows/mac-tables.ts';
import { brokenRow, type MacedRow, type RowMacs } from '../rows/row-macs.ts';
import type { HeadScope, TableHeads } from '../rows/table-heads.ts';

/** What tells a store whose rows carry MACs from one of before. */
const MARK = 'row-macs';
const INDEX_KEY = 'certificate-hash';
const BATCH = 500;
/** Rows that a store of no use yet has, too. */
const FROM_THE_START: readonly MacTableName[] = [
  'evidence_head',
  'audit_first_log',
  'audit_seal_head',
  'store_marks',
  'table_heads',
];

const TABLES = Object.entries(MAC_TABLES) as [MacTableName, MacTable][];

interface Parts {
  readonly sealer: Sealer;
  readonly rows: RowMacs;
  readonly heads: TableHeads;
}

/**
 * Gives every row of a store of before its MAC, in the transaction of the migration; a store that has them stays as it
 * is. Once it has them a row without one is never believed, and they are not introduced again.
 * @param asked the migration runs now, or an operator has called for it; else only a store without rows gets its first
 * heads.
 *   `audit`: the same of the head of the audit log's seals, which came later
 * @throws JitsuinError `store.migration` (rows wait for their MACs: run `jitsuin migrate`), `seal.integrity` (the mark
 * is gone)
 */
export async function introduceMacs(
  transaction: StoreTransaction,
  parts: Parts,
  asked: { readonly macs: boolean; readonly audit: boolean },
): Promise<void> {
  const { rows, heads, sealer } = parts;
  if (rows.closed) return;
  if (await hasMacs(transaction, rows)) return macSealHead(transaction, rows, asked.audit);
  await refuseLostMark(transaction);
  if (!asked.macs) await refuseOldRows(transaction);
  const name = INDEX_KEY;
  const key = new Uint8Array(randomBytes(32));
  await transaction
    .insertInto('index_keys')
    .values({ name, sealed_key: sealer.seal(key, indexKeyContext(name)) })
    .execute();
  await rehashSubjects(transaction, key);
  await transaction.insertInto('store_marks').values({ name: MARK, value: '1' }).execute();
  for (const [table] of TABLES) if (table !== 'table_heads') await macTable(transaction, rows, table);
  for (const [table, { head }] of TABLES) {
    if (head === undefined) continue;
    for (const scope of await scopesOf(transaction, table, head))
      await heads.make(transaction, table as HeadedTable, scope);
  }
}

/**
 * The audit log of a store whose rows had MACs before there were chains. Who takes the MAC away takes no chain with it.
 */
async function macSealHead(transaction: StoreTransaction, rows: RowMacs, asked: boolean): Promise<void> {
  const head = await transaction.selectFrom('audit_seal_head').selectAll().executeTakeFirst();
  if (head === undefined) throw brokenRow('audit_seal_head');
  if (head.mac !== null) return;
  const used = await sql`select 1 from audit_chains union all select 1 from audit_seals limit 1`.execute(
    transaction,
  );
  if (used.rows.length > 0 || head.chains > 0 || head.seals > 0) throw brokenRow('audit_seal_head');
  if (!asked) throw oldRows('audit_seal_head');
  await transaction.updateTable('audit_seal_head').set(rows.sealed('audit_seal_head', head)).execute();
}

async function sealHeadHasMac(db: Db): Promise<boolean> {
  const head = await db.selectFrom('audit_seal_head').select('mac').executeTakeFirst();
  return head !== undefined && head.mac !== null;
}

/** For who opens a store that is migrated already. */
export async function requireMacs(connection: StoreConnection, parts: Parts): Promise<void> {
  if (parts.rows.closed) return;
  const { db } = connection;
  if (await guarded(async () => (await hasMacs(db, parts.rows)) && (await sealHeadHasMac(db)))) return;
  await guarded(() =>
    connection.db.transaction().execute(async (transaction) => {
      if (connection.engine === 'postgres')
        await sql`select pg_advisory_xact_lock(hashtextextended(current_schema() || ' macs', 0))`.execute(
          transaction,
        );
      await introduceMacs(transaction, parts, { macs: false, audit: false });
    }),
  );
}

async function hasMacs(db: Db, rows: RowMacs): Promise<boolean> {
  const mark = await db.selectFrom('store_marks').selectAll().where('name', '=', MARK).executeTakeFirst();
  return mark !== undefined && rows.checked('store_marks', mark).value === '1';
}

/** Who takes the mark away would have every row believed again. */
async function refuseLostMark(transaction: StoreTransaction): Promise<void> {
  const traces = [
    sql`select 1 from index_keys`,
    ...TABLES.map(([table]) => sql`select 1 from ${sql.table(table)} where mac is not null`),
  ];
  for (const trace of traces) {
    if ((await sql`${trace} limit 1`.execute(transaction)).rows.length === 0) continue;
    throw new JitsuinError('seal.integrity', 'Rows carry MACs, but the mark that says so is gone.', {
      at: 'store_marks',
    });
  }
}

async function refuseOldRows(transaction: StoreTransaction): Promise<void> {
  for (const [table] of TABLES) {
    if (FROM_THE_START.includes(table)) continue;
    const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(transaction);
    if (rows.length === 0) continue;
    throw oldRows(table);
  }
}

function oldRows(table: string): JitsuinError {
  const message = 'The rows of this database have no MACs yet: run "jitsuin migrate" with the seal key.';
  return new JitsuinError('store.migration', message, { at: table });
}

async function macTable(transaction: StoreTransaction, rows: RowMacs, table: MacTableName): Promise<void> {
  for (;;) {
    const page =
      await sql<MacedRow>`select * from ${sql.table(table)} where mac is null limit ${BATCH}`.execute(
        transaction,
      );
    for (const row of page.rows) {
      const { mac } = rows.sealed(table, row);
      await sql`update ${sql.table(table)} set mac = ${mac} where ${keyOf(table, row)}`.execute(transaction);
    }
    if (page.rows.length < BATCH) return;
  }
}

async function scopesOf(
  transaction: StoreTransaction,
  table: MacTableName,
  head: 'table' | readonly string[],
): Promise<readonly HeadScope[]> {
  if (head === 'table') return [{}];
  const columns = sql.join(head.map((name) => sql.ref(name)));
  const { rows } = await sql<HeadScope>`select distinct ${columns} from ${sql.table(table)}`.execute(
    transaction,
  );
  return rows;
}

/** Until then the hash of a certificate was one that everybody can make who has the certificate. */
async function rehashSubjects(transaction: StoreTransaction, key: Uint8Array): Promise<void> {
  const all = await transaction.selectFrom('subjects').select(['tenant', 'certificate_hash']).execute();
  for (const { tenant, certificate_hash } of all) {
    await transaction
      .updateTable('subjects')
      .set({ certificate_hash: keyedHash(key, certificate_hash) })
      .where('tenant', '=', tenant)
      .where('certificate_hash', '=', certificate_hash)
      .execute();
  }
}

function indexKeyContext(name: string) {
  return { table: 'index_keys', column: 'sealed_key', record: name, tenant: '' };
}

function keyedHash(key: Uint8Array, text: string): string {
  return createHmac('sha256', key).update(text, 'utf8').digest('hex');
}

/**
 * The keyed hash of what is looked up by its hash: who holds the database alone can neither read it nor try it out.
 * Its key is the store's own, sealed, so that it outlives a change of the seal key.
 */
export function openIndexHash(
  connection: StoreConnection,
  sealer: Sealer,
): (text: string) => Promise<string> {
  let known: Uint8Array | undefined;
  return async (text) => {
    known ??= await readIndexKey(connection, sealer);
    return keyedHash(known, text);
  };
}

async function readIndexKey({ db }: StoreConnection, sealer: Sealer): Promise<Uint8Array> {
  const row = await db.selectFrom('index_keys').selectAll().where('name', '=', INDEX_KEY).executeTakeFirst();
  if (row === undefined)
    throw new JitsuinError('seal.integrity', 'The key of the store is gone.', { at: 'index_keys' });
  return sealer.open(row.sealed_key, indexKeyContext(row.name));
}
