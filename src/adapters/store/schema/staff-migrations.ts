import { sql } from 'kysely';
import type { StoreEngine } from '../engine/store-engine.ts';
import { type AnyDb, blobType, textKeyTable, withColumns } from './migration-columns.ts';

/**
 * The console: its operators with invitations, passkeys and sessions, changes that need two of them, and what its
 * lists ask.
 */
export async function createStaff(db: AnyDb, engine: StoreEngine): Promise<void> {
  const blob = blobType(engine);
  let operators = withColumns(textKeyTable(db, 'operators'), ['name', 'role', 'state'], 'text', false);
  operators = withColumns(operators, ['handle'], blob, false);
  await withColumns(operators, ['created_at', 'updated_at'], 'bigint', false).execute();
  await createAccess(db, blob);
  let approvals = withColumns(
    textKeyTable(db, 'approvals'),
    ['kind', 'subject', 'payload', 'state', 'requested_by'],
    'text',
    false,
  );
  approvals = withColumns(approvals, ['requested_at', 'expires_at'], 'bigint', false);
  approvals = withColumns(approvals, ['decided_by', 'code'], 'text', true);
  await withColumns(approvals, ['decided_at'], 'bigint', true).execute();
  await sql`create index approvals_state on approvals (state, id)`.execute(db);
  await createListIndexes(db);
}

async function createAccess(db: AnyDb, blob: 'bytea' | 'blob'): Promise<void> {
  let invitations = db.schema
    .createTable('operator_invitations')
    .addColumn('secret_hash', 'text', (c) => c.primaryKey().notNull());
  invitations = withColumns(invitations, ['operator_id'], 'text', false);
  await withColumns(invitations, ['expires_at'], 'bigint', false).execute();
  let passkeys = withColumns(
    textKeyTable(db, 'operator_passkeys'),
    ['operator_id', 'transports'],
    'text',
    false,
  );
  passkeys = withColumns(passkeys, ['public_key'], blob, false);
  passkeys = withColumns(passkeys, ['counter', 'backed_up', 'created_at'], 'bigint', false);
  await withColumns(passkeys, ['used_at'], 'bigint', true).execute();
  await sql`create index operator_passkeys_operator on operator_passkeys (operator_id)`.execute(db);
  let sessions = db.schema
    .createTable('operator_sessions')
    .addColumn('id_hash', 'text', (c) => c.primaryKey().notNull());
  sessions = withColumns(sessions, ['operator_id'], 'text', false);
  sessions = withColumns(sessions, ['sealed_csrf'], blob, false);
  await withColumns(sessions, ['created_at', 'seen_at', 'expires_at'], 'bigint', false).execute();
  await sql`create index operator_sessions_operator on operator_sessions (operator_id)`.execute(db);
  await sql`create index operator_sessions_age on operator_sessions (expires_at)`.execute(db);
}

/** Newest first under each filter of the console's lists, without looking at rows that do not fit. */
async function createListIndexes(db: AnyDb): Promise<void> {
  const living = sql.raw('where deleted_at is null');
  await sql`create index verifications_state on verifications (state, id) ${living}`.execute(db);
  await sql`create index verifications_result on verifications (result, id) ${living}`.execute(db);
  await sql`create index verifications_tenant_state on verifications (tenant, state, id) ${living}`.execute(
    db,
  );
  await sql`create index verifications_tenant_result on verifications (tenant, result, id) ${living}`.execute(
    db,
  );
  await sql`create index verifications_submission_key on verifications (submission_key)`.execute(db);
  await sql`create index applications_state on applications (state, id)`.execute(db);
  await sql`create index applications_tenant_state on applications (tenant, state, id)`.execute(db);
  await sql`create index audit_records_event on audit_records (event, seq)`.execute(db);
  await sql`create index fee_ledger_totals on fee_ledger (month, tenant, list_price, charged_price)`.execute(
    db,
  );
}
