import { sql } from 'kysely';
import type { StoreEngine } from '../engine/store-engine.ts';
import { type AnyDb, blobType, withColumns } from './migration-columns.ts';

const RECORD = 'chain, seq, at, event, subject, tenant, code, facts, previous_hash, hash';
const SEAL = 'seq, at, leaves, root, previous_hash, hash';

/**
 * Each process gets an audit chain of its own, and seals over the ends of all of them. What was written before is chain
 * 0 and stays as it is, hashes and all.
 */
export async function createAuditChains(db: AnyDb, engine: StoreEngine): Promise<void> {
  await (engine === 'postgres' ? chainColumnPostgres(db) : chainColumnSqlite(db));
  for (const index of ['previous', 'subject', 'event'])
    await sql`drop index if exists ${sql.raw(`audit_records_${index}`)}`.execute(db);
  for (const column of ['subject', 'event']) await indexRecords(db, column, `${column}, at, chain, seq`);
  await indexRecords(db, 'newest', 'at, chain, seq');
  await sql`alter table audit_head rename to audit_first_log`.execute(db);
  await createChains(db, engine);
}

async function indexRecords(db: AnyDb, name: string, columns: string): Promise<void> {
  const index = sql.raw(`audit_records_${name}`);
  await sql`create index ${index} on audit_records (${sql.raw(columns)})`.execute(db);
}

async function createChains(db: AnyDb, engine: StoreEngine): Promise<void> {
  const blob = blobType(engine);
  const table = (name: string, key: string) =>
    db.schema.createTable(name).addColumn(key, 'bigint', (c) => c.primaryKey().notNull());
  let chains = withColumns(table('audit_chains', 'id'), ['opened_at', 'seq', 'beat_at'], 'bigint', false);
  chains = withColumns(chains, ['closed_at', 'final_seal'], 'bigint', true);
  chains = withColumns(withColumns(chains, ['hash'], 'text', false), ['ended_by'], 'text', true);
  await withColumns(chains, ['mac'], blob, true).execute();
  await sql`create index audit_chains_unsealed on audit_chains (id) where final_seal is null`.execute(db);
  const seals = withColumns(table('audit_seals', 'seq'), ['at'], 'bigint', false);
  await withColumns(
    withColumns(seals, ['leaves', 'root', 'previous_hash', 'hash'], 'text', false),
    ['mac'],
    blob,
    true,
  ).execute();
  const head = withColumns(table('audit_seal_head', 'id'), ['chains', 'seals'], 'bigint', false);
  await withColumns(withColumns(head, ['hash'], 'text', false), ['mac'], blob, true).execute();
  await sql`insert into audit_seal_head (id, chains, seals, hash)
    select 1, 0, 0, hash from audit_first_log where id = 1`.execute(db);
  await appendOnly(db, engine);
}

async function chainColumnPostgres(db: AnyDb): Promise<void> {
  await sql`alter table audit_records add column chain bigint not null default 0`.execute(db);
  await sql`alter table audit_records alter column chain drop default`.execute(db);
  await sql`alter table audit_records drop constraint audit_records_pkey`.execute(db);
  await sql`alter table audit_records add primary key (chain, seq)`.execute(db);
}

/** SQLite changes no primary key: the table is made anew, with the same rows. */
async function chainColumnSqlite(db: AnyDb): Promise<void> {
  for (const act of ['update', 'delete'])
    await sql`drop trigger if exists ${sql.raw(`audit_records_no_${act}`)}`.execute(db);
  await sql`create table audit_records_0024 (chain bigint not null, seq bigint not null, at bigint not null,
    event text not null, subject text not null, tenant text not null, code text, facts text,
    previous_hash text not null, hash text not null, primary key (chain, seq))`.execute(db);
  await sql`insert into audit_records_0024 (${sql.raw(RECORD)})
    select ${sql.raw(RECORD.replace('chain', '0'))} from audit_records`.execute(db);
  await sql`drop table audit_records`.execute(db);
  await sql`alter table audit_records_0024 rename to audit_records`.execute(db);
  for (const act of ['update', 'delete'])
    await sql`create trigger ${sql.raw(`audit_records_no_${act}`)} before ${sql.raw(act)} on audit_records
      begin select raise(abort, 'audit records are append-only'); end`.execute(db);
}

/** A seal's MAC alone may change: under a new seal key. */
async function appendOnly(db: AnyDb, engine: StoreEngine): Promise<void> {
  if (engine === 'postgres') {
    await sql`create trigger audit_seals_append_only before delete or truncate on audit_seals
      for each statement execute function audit_records_append_only()`.execute(db);
    await sql`create trigger audit_seals_no_update before update of ${sql.raw(SEAL)} on audit_seals
      for each statement execute function audit_records_append_only()`.execute(db);
    return;
  }
  await sql`create trigger audit_seals_no_delete before delete on audit_seals
    begin select raise(abort, 'audit_seals is append-only'); end`.execute(db);
  await sql`create trigger audit_seals_no_update before update of ${sql.raw(SEAL)} on audit_seals
    begin select raise(abort, 'audit_seals is append-only'); end`.execute(db);
}
