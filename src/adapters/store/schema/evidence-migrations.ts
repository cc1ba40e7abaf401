import { sql } from 'kysely';
import type { StoreEngine } from '../engine/store-engine.ts';
import { type AnyDb, blobType, textKeyTable, withColumns } from './migration-columns.ts';

/** The hash chain over evidence, its time-stamped periods, and what several records share, kept once by hash. */
export async function createEvidenceArchive(db: AnyDb, engine: StoreEngine): Promise<void> {
  const blob = blobType(engine);
  let chain = db.schema
    .createTable('evidence_chain')
    .addColumn('seq', 'bigint', (c) => c.primaryKey().notNull());
  chain = withColumns(chain, ['id', 'record_sha256', 'previous_hash', 'hash'], 'text', false);
  await withColumns(chain, ['at'], 'bigint', false).execute();
  await sql`create unique index evidence_chain_id on evidence_chain (id)`.execute(db);
  const head = db.schema
    .createTable('evidence_head')
    .addColumn('id', 'bigint', (c) => c.primaryKey().notNull());
  await withColumns(withColumns(head, ['seq'], 'bigint', false), ['hash'], 'text', false).execute();
  await sql`insert into evidence_head (id, seq, hash) values (1, 0, ${sql.lit('0'.repeat(64))})`.execute(db);
  let periods = db.schema
    .createTable('evidence_periods')
    .addColumn('period', 'bigint', (c) => c.primaryKey().notNull());
  periods = withColumns(periods, ['first_seq', 'last_seq', 'tokens', 'valid_until'], 'bigint', false);
  await withColumns(periods, ['root', 'head'], 'text', false).execute();
  await sql`create unique index evidence_periods_last on evidence_periods (last_seq)`.execute(db);
  await sql`create index evidence_periods_ageing on evidence_periods (valid_until)`.execute(db);
  const tokens = withColumns(db.schema.createTable('evidence_tokens'), ['period', 'n'], 'bigint', false);
  await withColumns(tokens, ['token'], blob, false)
    .addPrimaryKeyConstraint('evidence_tokens_pk', ['period', 'n'])
    .execute();
  const files = db.schema
    .createTable('evidence_files')
    .addColumn('sha256', 'text', (c) => c.primaryKey().notNull());
  await withColumns(files, ['sealed_octets'], blob, false).execute();
  for (const table of ['evidence_chain', 'evidence_tokens']) await makeAppendOnly(db, engine, table);
}

/** What a platform operator's contracts need: subject ids, content handed out once, deletion, the ledger of fees. */
export async function createPlatformOperator(db: AnyDb, engine: StoreEngine): Promise<void> {
  const alter = (column: string, type: 'text' | 'bigint') =>
    db.schema.alterTable('verifications').addColumn(column, type).execute();
  await alter('subject_id', 'text');
  await alter('content_taken_at', 'bigint');
  await alter('deleted_at', 'bigint');
  await sql`create index verifications_outlived on verifications (updated_at)
    where ended = 1 and deleted_at is null`.execute(db);
  await sql`create index verifications_subject on verifications (tenant, subject_id)
    where subject_id is not null`.execute(db);
  let subjects = withColumns(
    db.schema.createTable('subjects'),
    ['tenant', 'certificate_hash', 'subject_id'],
    'text',
    false,
  );
  subjects = withColumns(subjects, ['created_at'], 'bigint', false);
  await subjects.addPrimaryKeyConstraint('subjects_pk', ['tenant', 'certificate_hash']).execute();
  let fees = db.schema.createTable('fee_ledger').addColumn('id', 'text', (c) => c.primaryKey().notNull());
  const texts = [
    'key_hash',
    'tenant',
    'month',
    'certificate',
    'method',
    'purpose',
    'verification_id',
    'result',
  ];
  fees = withColumns(withColumns(fees, texts, 'text', false), ['rule'], 'text', true);
  await withColumns(fees, ['at', 'list_price', 'charged_price'], 'bigint', false).execute();
  await sql`create unique index fee_ledger_key on fee_ledger (key_hash)`.execute(db);
  await sql`create index fee_ledger_month on fee_ledger (tenant, month, id)`.execute(db);
  await makeAppendOnly(db, engine, 'fee_ledger');
}

/** Who uses a kept file, what is known of TSA certificates, and trees with newer hashes. */
export async function createEvidenceUpkeep(db: AnyDb, engine: StoreEngine): Promise<void> {
  await db.schema
    .alterTable('evidence_files')
    .addColumn('counted', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute();
  await db.schema
    .alterTable('evidence_periods')
    .addColumn('hash', 'text', (c) => c.notNull().defaultTo('sha256'))
    .execute();
  await withColumns(db.schema.createTable('evidence_file_uses'), ['sha256', 'used_by'], 'text', false)
    .addPrimaryKeyConstraint('evidence_file_uses_pk', ['sha256', 'used_by'])
    .execute();
  await sql`create index evidence_file_uses_user on evidence_file_uses (used_by)`.execute(db);
  const numbered = (table: string, numbers: readonly string[], texts: readonly string[]) =>
    withColumns(withColumns(db.schema.createTable(table), numbers, 'bigint', false), texts, 'text', false);
  const tables = [
    ['evidence_token_revocation', ['period', 'n', 'token', 'at'], ['files'], ['period', 'n']],
    ['evidence_trees', ['period', 'n', 'first_token'], ['hash', 'root'], ['period', 'n']],
    ['evidence_tree_leaves', ['period', 'n', 'seq'], ['leaf'], ['period', 'n', 'seq']],
  ] as const;
  for (const [table, numbers, texts, key] of tables) {
    await numbered(table, numbers, texts)
      .addPrimaryKeyConstraint(`${table}_pk`, [...key])
      .execute();
    await makeAppendOnly(db, engine, table);
  }
}

/** What the newest token of a period stands on; not known of those that were kept before. */
export async function addTokenAlgorithms(db: AnyDb): Promise<void> {
  await db.schema
    .alterTable('evidence_periods')
    .addColumn('algorithms', 'text', (c) => c.notNull().defaultTo('[]'))
    .execute();
}

/** The operator's signature on each record's hash; records from before have none. */
export async function createEvidenceSeals(db: AnyDb): Promise<void> {
  const table = db.schema
    .createTable('evidence_seals')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull());
  await withColumns(table, ['seal'], 'text', false).execute();
}

/** A verification that is judged again has a link for each of its records. */
export async function allowLinksOfOneId(db: AnyDb): Promise<void> {
  await sql`drop index evidence_chain_id`.execute(db);
  await sql`create index evidence_chain_id on evidence_chain (id)`.execute(db);
}

/** Which verification has a signature value, by a keyed hash. */
export async function createSignatureClaims(db: AnyDb): Promise<void> {
  const claims = db.schema
    .createTable('signature_claims')
    .addColumn('signature_hash', 'text', (c) => c.primaryKey().notNull());
  await withColumns(
    withColumns(claims, ['verification_id'], 'text', false),
    ['at'],
    'bigint',
    false,
  ).execute();
}

/** Who agreed, when, to what. */
export async function createConsents(db: AnyDb): Promise<void> {
  const key = db.schema
    .createTable('consents')
    .addColumn('verification_id', 'text', (c) => c.primaryKey().notNull());
  const texts = ['tenant', 'subject_id', 'items', 'purpose', 'wording_sha256'];
  await withColumns(
    withColumns(key, texts, 'text', false),
    ['agreed_at', 'handed_out_at', 'keep_until'],
    'bigint',
    false,
  ).execute();
  await sql`create index consents_subject on consents (tenant, subject_id)`.execute(db);
  await sql`create index consents_age on consents (keep_until)`.execute(db);
}

/** What was found of certificates after their verification. */
export async function createStatusChecks(db: AnyDb, engine: StoreEngine): Promise<void> {
  const texts = ['tenant', 'verification_id', 'status', 'method', 'purpose'];
  const columns = withColumns(textKeyTable(db, 'status_checks'), texts, 'text', false);
  const timed = withColumns(columns, ['checked_at'], 'bigint', false);
  const sealed = withColumns(timed, ['sealed_facts'], blobType(engine), false);
  await withColumns(sealed, ['mac'], blobType(engine), true).execute();
  await sql`create index status_checks_newest on status_checks (verification_id, checked_at)`.execute(db);
}

/** As `audit_records`, whose function PostgreSQL uses again. */
async function makeAppendOnly(db: AnyDb, engine: StoreEngine, table: string): Promise<void> {
  if (engine === 'postgres') {
    await sql`create trigger ${sql.raw(`${table}_append_only`)} before update or delete or truncate on ${sql.raw(table)}
      for each statement execute function audit_records_append_only()`.execute(db);
    return;
  }
  for (const act of ['update', 'delete']) {
    await sql`create trigger ${sql.raw(`${table}_no_${act}`)} before ${sql.raw(act)} on ${sql.raw(table)}
      begin select raise(abort, ${sql.lit(`${table} is append-only`)}); end`.execute(db);
  }
}
