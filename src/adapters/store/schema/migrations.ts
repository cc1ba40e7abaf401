import { type Migration, sql } from 'kysely';
import type { StoreEngine } from '../engine/store-engine.ts';
import { createStoreMarks } from '../upkeep/store-marks.ts';
import { createAuditChains } from './audit-migrations.ts';
import {
  addTokenAlgorithms,
  allowLinksOfOneId,
  createConsents,
  createEvidenceArchive,
  createEvidenceSeals,
  createEvidenceUpkeep,
  createPlatformOperator,
  createSignatureClaims,
  createStatusChecks,
} from './evidence-migrations.ts';
import { addRowMacs } from './mac-migrations.ts';
import { type AnyDb, blobType, textKeyTable, withColumns } from './migration-columns.ts';
import { createCitizenPasskeys } from './passkey-migrations.ts';
import { createStaff } from './staff-migrations.ts';
import { addWebhookAge, createWebhooks } from './webhook-migrations.ts';

/** From here on rows carry MACs: whoever runs it has the seal key, or `jitsuin migrate` introduces them. */
export const ROW_MACS = '0023-row-macs';

/**
 * From here on each process has an audit chain of its own; a program of before it finds no `audit_head` and writes
 * nothing.
 */
export const AUDIT_CHAINS = '0024-audit-chains';

/** Forward only, in the order of their names. A released migration is never edited; a new one is added. */
export function migrations(engine: StoreEngine): Record<string, Migration> {
  return {
    '0001-records': { up: (db: AnyDb) => createRecords(db, engine) },
    '0002-small-stores': { up: (db: AnyDb) => createSmallStores(db, engine) },
    '0003-audit': { up: (db: AnyDb) => createAudit(db, engine) },
    '0004-jobs': { up: (db: AnyDb) => createJobs(db) },
    '0005-logins': { up: (db: AnyDb) => createLogins(db, engine) },
    '0006-signed-element': { up: addSignedElement },
    '0007-correlation': { up: addCorrelation },
    '0008-evidence-archive': { up: (db: AnyDb) => createEvidenceArchive(db, engine) },
    '0009-request-id': { up: addRequestId },
    '0010-webhooks': { up: (db: AnyDb) => createWebhooks(db, engine) },
    '0010-platform-operator': { up: (db: AnyDb) => createPlatformOperator(db, engine) },
    '0011-signer-login': { up: (db: AnyDb) => addSignerLogin(db, engine) },
    '0012-store-marks': { up: (db: AnyDb) => createStoreMarks(db, engine) },
    '0013-citizen-passkeys': { up: (db: AnyDb) => createCitizenPasskeys(db, engine) },
    '0014-evidence-upkeep': { up: (db: AnyDb) => createEvidenceUpkeep(db, engine) },
    '0015-webhook-age': { up: addWebhookAge },
    '0016-consents': { up: createConsents },
    '0017-operators': { up: (db: AnyDb) => createStaff(db, engine) },
    '0018-hand-over': { up: (db: AnyDb) => addHandOver(db, engine) },
    '0019-token-algorithms': { up: addTokenAlgorithms },
    '0020-finished-jobs': { up: indexFinishedJobs },
    '0021-evidence-seals': { up: createEvidenceSeals },
    '0022-job-lanes': { up: addJobLanes },
    '0022-signature-claims': { up: createSignatureClaims },
    [ROW_MACS]: { up: (db: AnyDb) => addRowMacs(db, engine) },
    [AUDIT_CHAINS]: { up: (db: AnyDb) => createAuditChains(db, engine) },
    '0025-links-of-one-id': { up: allowLinksOfOneId },
    '0025-status-checks': { up: (db: AnyDb) => createStatusChecks(db, engine) },
    '0026-application-references': { up: indexReferences },
    '0027-attached-files': { up: (db: AnyDb) => createAttachedFiles(db, engine) },
    '0028-waiting-places': { up: createWaitingPlaces },
  };
}

const SEALED_APPLICATION_COLUMNS = [
  'sealed_prepared',
  'sealed_browser_hash',
  'sealed_state',
  'sealed_nonce',
  'sealed_code_verifier',
  'sealed_access_token',
  'sealed_refresh_token',
  'sealed_id_token',
  'sealed_subject',
  'sealed_result_jwe',
  'sealed_clear_certificate',
  'sealed_clear_signature_value',
  'sealed_receipt',
];

async function createRecords(db: AnyDb, engine: StoreEngine): Promise<void> {
  const blob = blobType(engine);
  let applications = textKeyTable(db, 'applications');
  applications = withColumns(
    applications,
    ['tenant', 'state', 'profile', 'mode', 'display_name', 'identification_code', 'data'],
    'text',
    false,
  );
  applications = withColumns(
    applications,
    [
      'external_id',
      'return_to',
      'sign_transaction_id',
      'state_hash',
      'subject_hash',
      'verification_id',
      'verdict',
      'failure',
    ],
    'text',
    true,
  );
  applications = withColumns(
    applications,
    ['revision', 'created_at', 'updated_at', 'deadline', 'purge_at', 'ended', 'secrets_kept'],
    'bigint',
    false,
  );
  await withColumns(applications, SEALED_APPLICATION_COLUMNS, blob, true).execute();
  let verifications = textKeyTable(db, 'verifications');
  verifications = withColumns(
    verifications,
    [
      'tenant',
      'state',
      'submission_key',
      'submission_hash',
      'bundle_hash',
      'service',
      'environment',
      'profile',
      'mode',
      'data',
      'check_method',
    ],
    'text',
    false,
  );
  verifications = withColumns(
    verifications,
    ['result', 'report', 'signed_octets_sha256', 'failure', 'receipt'],
    'text',
    true,
  );
  verifications = withColumns(
    verifications,
    ['revision', 'created_at', 'updated_at', 'deadline', 'purge_at', 'ended', 'secrets_kept'],
    'bigint',
    false,
  );
  verifications = withColumns(verifications, ['decided_at'], 'bigint', true);
  await withColumns(verifications, ['sealed_jwe'], blob, true).execute();
  for (const owner of ['application', 'verification']) await createDocuments(db, owner, blob);
  for (const table of ['applications', 'verifications']) await createSweepIndexes(db, table);
  await sql`create unique index applications_state_hash on applications (state_hash)
    where state_hash is not null`.execute(db);
  await sql`create index applications_subject on applications (subject_hash) where subject_hash is not null`.execute(
    db,
  );
  await sql`create unique index verifications_submission on verifications (tenant, submission_key)`.execute(
    db,
  );
  await sql`create index verifications_bundle on verifications (bundle_hash)`.execute(db);
}

async function createDocuments(db: AnyDb, owner: string, blob: 'bytea' | 'blob'): Promise<void> {
  await db.schema
    .createTable(`${owner}_documents`)
    .addColumn('id', 'text', (c) => c.primaryKey().notNull().references(`${owner}s.id`).onDelete('cascade'))
    .addColumn('tenant', 'text', (c) => c.notNull())
    .addColumn('sealed_document', blob, (c) => c.notNull())
    .execute();
}

/** What the sweep asks stays as cheap as the work that is open, however many records are stored. */
async function createSweepIndexes(db: AnyDb, table: string): Promise<void> {
  const name = sql.raw(table);
  await sql`create index ${sql.raw(`${table}_deadline`)} on ${name} (deadline) where ended = 0`.execute(db);
  await sql`create index ${sql.raw(`${table}_purge`)} on ${name} (purge_at) where secrets_kept = 1`.execute(
    db,
  );
  await sql`create index ${sql.raw(`${table}_stuck`)} on ${name} (state, updated_at) where ended = 0`.execute(
    db,
  );
  await sql`create index ${sql.raw(`${table}_newest`)} on ${name} (tenant, id)`.execute(db);
}

async function createSmallStores(db: AnyDb, engine: StoreEngine): Promise<void> {
  const blob = blobType(engine);
  await withColumns(
    withColumns(textKeyTable(db, 'evidence'), ['tenant'], 'text', false),
    ['sealed_octets'],
    blob,
    false,
  ).execute();
  let idempotency = withColumns(
    db.schema.createTable('idempotency_keys'),
    ['tenant', 'key_hash', 'request_hash'],
    'text',
    false,
  );
  idempotency = withColumns(
    withColumns(idempotency, ['claimed_at'], 'bigint', false),
    ['sealed_answer'],
    blob,
    true,
  );
  await idempotency.addPrimaryKeyConstraint('idempotency_keys_pk', ['tenant', 'key_hash']).execute();
  let replay = withColumns(db.schema.createTable('replay_values'), ['purpose', 'value_hash'], 'text', false);
  replay = withColumns(replay, ['remembered_until'], 'bigint', false);
  await replay.addPrimaryKeyConstraint('replay_values_pk', ['purpose', 'value_hash']).execute();
  let sessions = db.schema
    .createTable('browser_sessions')
    .addColumn('id_hash', 'text', (c) => c.primaryKey().notNull());
  sessions = withColumns(
    withColumns(sessions, ['subject_hash', 'sid'], 'text', true),
    ['sealed_subject'],
    blob,
    true,
  );
  sessions = withColumns(
    withColumns(sessions, ['sealed_csrf'], blob, false),
    ['created_at', 'expires_at'],
    'bigint',
    false,
  );
  await sessions.execute();
  let leases = db.schema.createTable('leases').addColumn('name', 'text', (c) => c.primaryKey().notNull());
  leases = withColumns(
    withColumns(leases, ['owner'], 'text', true),
    ['owned_until', 'expires_at'],
    'bigint',
    false,
  );
  await withColumns(leases, ['sealed_value'], blob, true).execute();
  await sql`create index idempotency_keys_age on idempotency_keys (claimed_at)`.execute(db);
  await sql`create index replay_values_age on replay_values (remembered_until)`.execute(db);
  await sql`create index browser_sessions_age on browser_sessions (expires_at)`.execute(db);
  await sql`create index browser_sessions_subject on browser_sessions (subject_hash)`.execute(db);
}

async function createAudit(db: AnyDb, engine: StoreEngine): Promise<void> {
  let records = db.schema
    .createTable('audit_records')
    .addColumn('seq', 'bigint', (c) => c.primaryKey().notNull());
  records = withColumns(records, ['event', 'subject', 'tenant', 'previous_hash', 'hash'], 'text', false);
  records = withColumns(withColumns(records, ['code', 'facts'], 'text', true), ['at'], 'bigint', false);
  await records.execute();
  await sql`create unique index audit_records_previous on audit_records (previous_hash)`.execute(db);
  await sql`create index audit_records_subject on audit_records (subject, seq)`.execute(db);
  const head = db.schema.createTable('audit_head').addColumn('id', 'bigint', (c) => c.primaryKey().notNull());
  await withColumns(withColumns(head, ['seq'], 'bigint', false), ['hash'], 'text', false).execute();
  await sql`insert into audit_head (id, seq, hash) values (1, 0, ${sql.lit('0'.repeat(64))})`.execute(db);
  await (engine === 'postgres' ? appendOnlyPostgres(db) : appendOnlySqlite(db));
}

async function appendOnlySqlite(db: AnyDb): Promise<void> {
  for (const act of ['update', 'delete']) {
    await sql`create trigger ${sql.raw(`audit_records_no_${act}`)} before ${sql.raw(act)} on audit_records
      begin select raise(abort, 'audit records are append-only'); end`.execute(db);
  }
}

async function appendOnlyPostgres(db: AnyDb): Promise<void> {
  await sql`create function audit_records_append_only() returns trigger language plpgsql as
    $$ begin raise exception 'audit records are append-only'
      using errcode = 'integrity_constraint_violation'; end $$`.execute(db);
  await sql`create trigger audit_records_append_only before update or delete or truncate on audit_records
    for each statement execute function audit_records_append_only()`.execute(db);
}

async function createJobs(db: AnyDb): Promise<void> {
  let jobs = withColumns(textKeyTable(db, 'jobs'), ['name', 'subject', 'job_key', 'state'], 'text', false);
  jobs = withColumns(
    jobs,
    ['version', 'run_at', 'attempts', 'losses', 'fence', 'lease_until', 'created_at'],
    'bigint',
    false,
  );
  jobs = withColumns(jobs, ['lease_owner', 'reason'], 'text', true);
  await withColumns(jobs, ['published_at', 'finished_at'], 'bigint', true).execute();
  await sql`create unique index jobs_key on jobs (job_key)`.execute(db);
  await sql`create index jobs_waiting on jobs (published_at, run_at, id) where state = 'waiting'`.execute(db);
  await sql`create index jobs_active on jobs (lease_until) where state = 'active'`.execute(db);
  await sql`create index jobs_finished on jobs (state, finished_at) where state in ('done', 'dead')`.execute(
    db,
  );
}

/**
 * One index a state: SQLite does not see that `state = 'done'` lies in an index over `state in ('done', 'dead')`,
 * and read all jobs.
 */
async function indexFinishedJobs(db: AnyDb): Promise<void> {
  await sql`drop index jobs_finished`.execute(db);
  await sql`create index jobs_done on jobs (finished_at) where state = 'done'`.execute(db);
  await sql`create index jobs_dead on jobs (finished_at) where state = 'dead'`.execute(db);
}

/** Whose server a job may have to wait for, and the look for due jobs of one name. */
async function addJobLanes(db: AnyDb): Promise<void> {
  for (const column of ['endpoint', 'tenant'])
    await db.schema.alterTable('jobs').addColumn(column, 'text').execute();
  await sql`update jobs set
    endpoint = (select endpoint_id from webhook_deliveries where webhook_deliveries.id = jobs.subject),
    tenant = (select tenant from webhook_deliveries where webhook_deliveries.id = jobs.subject)
    where name = 'deliver-webhook' and state in ('waiting', 'active')`.execute(db);
  await sql`drop index jobs_waiting`.execute(db);
  await sql`create index jobs_waiting on jobs (published_at, name, run_at, id) where state = 'waiting'`.execute(
    db,
  );
  await sql`create index jobs_of_endpoint on jobs (endpoint) where state = 'waiting' and endpoint is not null`.execute(
    db,
  );
}

/** The login (認証): attempts under way, and what a login leaves in its session. */
async function createLogins(db: AnyDb, engine: StoreEngine): Promise<void> {
  const blob = blobType(engine);
  let logins = db.schema
    .createTable('login_attempts')
    .addColumn('state_hash', 'text', (c) => c.primaryKey().notNull());
  logins = withColumns(logins, ['sealed_secrets'], blob, false);
  logins = withColumns(
    withColumns(logins, ['return_to', 'outcome'], 'text', false),
    ['failure'],
    'text',
    true,
  );
  await withColumns(logins, ['created_at', 'expires_at'], 'bigint', false).execute();
  await sql`create index login_attempts_age on login_attempts (expires_at)`.execute(db);
  await db.schema.alterTable('browser_sessions').addColumn('sealed_login', blob).execute();
  await db.schema
    .alterTable('browser_sessions')
    .addColumn('login_revision', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute();
}

/** Which element a verification's skeleton was agreed to sign; null: the default of its profile. */
async function addSignedElement(db: AnyDb): Promise<void> {
  await db.schema.alterTable('verifications').addColumn('signed_element', 'text').execute();
}

/** What a request makes has this id: whoever takes its key over after a crash finds it instead of making another. */
async function addRequestId(db: AnyDb): Promise<void> {
  await db.schema.alterTable('idempotency_keys').addColumn('request_id', 'text').execute();
}

/** The id that one request has in every role, log and job. */
async function addCorrelation(db: AnyDb): Promise<void> {
  for (const table of ['applications', 'verifications']) {
    await db.schema.alterTable(table).addColumn('correlation_id', 'text').execute();
  }
}

/** Under which login a citizen signs. */
async function addSignerLogin(db: AnyDb, engine: StoreEngine): Promise<void> {
  await db.schema.alterTable('applications').addColumn('sealed_login_hash', blobType(engine)).execute();
}

/** The one-time link to an application, and when the start of its sign transaction was tried. */
async function addHandOver(db: AnyDb, engine: StoreEngine): Promise<void> {
  await db.schema.alterTable('applications').addColumn('sealed_hand_over', blobType(engine)).execute();
  await db.schema.alterTable('applications').addColumn('start_attempted_at', 'bigint').execute();
}

/** Staff look for an application by what its tenant calls it, or by the request that brought it. */
async function indexReferences(db: AnyDb): Promise<void> {
  for (const column of ['external_id', 'correlation_id']) {
    const [name, by] = [sql.raw(`applications_${column}`), sql.raw(column)];
    await sql`create index ${name} on applications (${by}, id) where ${by} is not null`.execute(db);
  }
}

/** The files that are signed beside a document in a receiver's form. */
async function createAttachedFiles(db: AnyDb, engine: StoreEngine): Promise<void> {
  for (const owner of ['application', 'verification']) {
    const files = db.schema
      .createTable(`${owner}_files`)
      .addColumn('id', 'text', (c) => c.notNull().references(`${owner}s.id`).onDelete('cascade'))
      .addColumn('position', 'bigint', (c) => c.notNull())
      .addColumn('tenant', 'text', (c) => c.notNull());
    await withColumns(files, ['sealed_name', 'sealed_octets'], blobType(engine), false)
      .addPrimaryKeyConstraint(`${owner}_files_key`, ['id', 'position'])
      .execute();
  }
}

/** The line of citizens who wait for the service's rate. */
async function createWaitingPlaces(db: AnyDb): Promise<void> {
  const places = withColumns(textKeyTable(db, 'waiting_places'), ['tenant'], 'text', false);
  await withColumns(places, ['place', 'entered_at', 'seen_at'], 'bigint', false).execute();
  await sql`create index waiting_places_order on waiting_places (place, entered_at)`.execute(db);
  await sql`create index waiting_places_of_tenant on waiting_places (tenant, place)`.execute(db);
}
