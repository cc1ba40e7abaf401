import { sql } from 'kysely';
import type { StoreEngine } from '../engine/store-engine.ts';
import { type AnyDb, blobType, withColumns } from './migration-columns.ts';

const TABLES = [
  'applications',
  'verifications',
  'subjects',
  'consents',
  'fee_ledger',
  'evidence_chain',
  'evidence_head',
  'audit_head',
  'evidence_periods',
  'evidence_tokens',
  'evidence_token_revocation',
  'evidence_trees',
  'evidence_tree_leaves',
  'idempotency_keys',
  'browser_sessions',
  'login_attempts',
  'citizen_passkeys',
  'passkey_challenges',
  'leases',
  'jobs',
  'webhook_endpoints',
  'webhook_deliveries',
  'webhook_attempts',
  'operators',
  'operator_invitations',
  'operator_passkeys',
  'operator_sessions',
  'approvals',
  'store_marks',
  'signature_claims',
];

/** Every column but the MAC, which a new seal key makes anew. */
const APPEND_ONLY = {
  evidence_chain: 'seq, id, record_sha256, at, previous_hash, hash',
  evidence_tokens: 'period, n, token',
  evidence_token_revocation: 'period, n, token, at, files',
  evidence_trees: 'period, n, hash, root, first_token',
  evidence_tree_leaves: 'period, n, seq, leaf',
  fee_ledger:
    'id, key_hash, tenant, month, at, certificate, method, purpose, verification_id, result, ' +
    'list_price, charged_price, rule',
};

/**
 * A MAC for every row, a head for small tables, and the store's own keys. The rows get theirs in
 * `upkeep/introduce-macs.ts`.
 */
export async function addRowMacs(db: AnyDb, engine: StoreEngine): Promise<void> {
  const blob = blobType(engine);
  for (const table of TABLES) await db.schema.alterTable(table).addColumn('mac', blob).execute();
  const heads = db.schema
    .createTable('table_heads')
    .addColumn('name', 'text', (c) => c.primaryKey().notNull());
  await withColumns(withColumns(heads, ['version'], 'bigint', false), ['digest'], 'text', false)
    .addColumn('mac', blob)
    .execute();
  const keys = db.schema.createTable('index_keys').addColumn('name', 'text', (c) => c.primaryKey().notNull());
  await withColumns(keys, ['sealed_key'], blob, false).execute();
  for (const [table, columns] of Object.entries(APPEND_ONLY)) await letMacsChange(db, engine, table, columns);
}

async function letMacsChange(db: AnyDb, engine: StoreEngine, table: string, columns: string): Promise<void> {
  const of = sql.raw(columns);
  const on = sql.raw(table);
  if (engine === 'postgres') {
    await sql`drop trigger ${sql.raw(`${table}_append_only`)} on ${on}`.execute(db);
    await sql`create trigger ${sql.raw(`${table}_append_only`)} before delete or truncate on ${on}
      for each statement execute function audit_records_append_only()`.execute(db);
    await sql`create trigger ${sql.raw(`${table}_no_update`)} before update of ${of} on ${on}
      for each statement execute function audit_records_append_only()`.execute(db);
    return;
  }
  await sql`drop trigger ${sql.raw(`${table}_no_update`)}`.execute(db);
  await sql`create trigger ${sql.raw(`${table}_no_update`)} before update of ${of} on ${on}
    begin select raise(abort, ${sql.lit(`${table} is append-only`)}); end`.execute(db);
}
