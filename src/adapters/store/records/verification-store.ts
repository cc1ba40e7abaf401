import { type Insertable, type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import { defined } from '../../../core/defined.ts';
import type { AttachedFile } from '../../../core/forms/attached-files.ts';
import type { Verification } from '../../../core/sign-transaction/verification.ts';
import type { Effects } from '../../../ports/effects.ts';
import type { VerificationQuery, VerificationStore } from '../../../ports/verification-store.ts';
import { changeWithEffects, type StoreContext } from '../context.ts';
import { compiledOnce } from '../engine/compiled-once.ts';
import { oneRow } from '../engine/later.ts';
import { guarded } from '../engine/store-errors.ts';
import type { StoreSchema, VerificationTable } from '../schema/schema.ts';
import { deleteFiles, insertFiles, readFiles } from './attached-files.ts';
import { deleteDocument, insertDocument, openDocument, sealedDocumentOf } from './documents.ts';
import { firstIdOf } from './id-range.ts';
import { dueRecords, openForSweep, standingRows, stuckRows } from './record-queries.ts';
import { type VerificationRow, verificationOf, verificationRow } from './verification-row.ts';

const DOCUMENTS = 'verification_documents';
const FILES = 'verification_files';

type Rows = SelectQueryBuilder<StoreSchema, 'verifications', VerificationRow>;

const rowWithDocument = compiledOnce(
  (db, { id, tenant }: { readonly id: string; readonly tenant?: string }) => {
    const byId = db.selectFrom('verifications').selectAll().where('id', '=', id);
    const found = tenant === undefined ? byId : byId.where('tenant', '=', tenant);
    return found.select(sealedDocumentOf('verifications')).compile();
  },
);

const rowById = compiledOnce((db, { id, tenant }: { readonly id: string; readonly tenant?: string }) => {
  const byId = db.selectFrom('verifications').selectAll().where('id', '=', id);
  return (tenant === undefined ? byId : byId.where('tenant', '=', tenant)).compile();
});

/** One submission key of a tenant is one verification: nothing is written where it is there. */
const insertRow = oneRow((db, row: Insertable<VerificationTable>) =>
  db
    .insertInto('verifications')
    .values(row)
    .onConflict((conflict) => conflict.columns(['tenant', 'submission_key']).doNothing())
    .returning('id'),
);

/** Where the record still has the revision before; nothing is written otherwise. */
const updateRow = oneRow(
  (
    db: Kysely<StoreSchema>,
    {
      id,
      tenant,
      created_at,
      before,
      ...columns
    }: Insertable<VerificationTable> & { readonly before: number },
  ) =>
    db
      .updateTable('verifications')
      .set(columns)
      .where('id', '=', id)
      .where('tenant', '=', tenant)
      .where('revision', '=', before)
      .returning('id'),
);

export function openVerificationStore(context: StoreContext): VerificationStore {
  const { db } = context.connection;
  const rows = (): Rows => db.selectFrom('verifications').selectAll();
  const checked = (row: VerificationRow) => context.rows.checked('verifications', row);
  const first = async (query: Rows) => (await plain(context, query.limit(1)))[0];
  const ways = {
    rows,
    complete: (some: Rows) => complete(context, some),
    plain: (some: Rows) => plain(context, some),
    ids: (some: Rows) => guarded(() => some.execute()),
  };
  const forSweep = (query: Rows) => openForSweep(ways, query);
  return {
    insert: (verification, effects, files = []) => insert(context, verification, effects, files),
    files: (id, tenant) => guarded(() => readFiles(context, FILES, { id, tenant })),
    get: (id, tenant) =>
      guarded(async () => {
        const found = await rowWithDocument(db, defined({ id, tenant }));
        return found.rows.map((row) => openRow(context, row))[0];
      }),
    glance: (id, tenant) =>
      guarded(async () => {
        const found = await rowById(db, defined({ id, tenant }));
        return found.rows.map((row) => verificationOf(checked(row), context.sealer))[0];
      }),
    findBySubmissionKey: (tenant, submissionKey) =>
      first(rows().where('tenant', '=', tenant).where('submission_key', '=', submissionKey)),
    findByBundleHash: (bundleHash) =>
      first(
        rows()
          .where('bundle_hash', '=', bundleHash)
          .where('state', 'in', ['received', 'decided'])
          .where(sql<boolean>`(result is null or result <> 'INDETERMINATE')`)
          .orderBy('id'),
      ),
    list: (query) => list(context, rows(), query),
    update: (next, effects) => update(context, next, effects),
    due: (now, limit) => dueRecords(rows, forSweep, now, limit),
    outlived: (before, limit) =>
      complete(
        context,
        rows()
          .where(sql<boolean>`ended = 1`)
          .where('deleted_at', 'is', null)
          .where('updated_at', '<', before)
          .orderBy('updated_at')
          .limit(limit),
      ),
    // without its secrets nothing goes on: such a record waits for its clock
    stuck: async (states, before, limit) =>
      (await forSweep(stuckRows(rows(), states, before, limit))).filter((record) => 'secrets' in record),
    standing: (state, deadline, limit) => plain(context, standingRows(rows(), state, deadline, limit)),
  };
}

async function complete(context: StoreContext, query: Rows): Promise<readonly Verification[]> {
  return guarded(async () => {
    const found = await query.select(sealedDocumentOf('verifications')).execute();
    return found.map((row) => openRow(context, row));
  });
}

function openRow(
  { sealer, rows }: StoreContext,
  { sealed_document, ...read }: VerificationRow & { readonly sealed_document: Uint8Array | null },
): Verification {
  const row = rows.checked('verifications', read);
  return verificationOf(row, sealer, openDocument(sealer, DOCUMENTS, row, sealed_document));
}

async function insert(
  context: StoreContext,
  verification: Verification,
  effects: Effects,
  files: readonly AttachedFile[],
): Promise<boolean> {
  const row = context.rows.sealed('verifications', verificationRow(context.sealer, verification));
  return changeWithEffects(context, effects, async (transaction) => {
    if (!(await insertRow(transaction, row, context.connection.engine))) return false;
    const skeleton = verification.secrets?.skeleton;
    if (skeleton !== undefined)
      await insertDocument(transaction, context.sealer, DOCUMENTS, verification, skeleton);
    await insertFiles(transaction, context.sealer, FILES, verification, files);
    return true;
  });
}

async function update(context: StoreContext, next: Verification, effects: Effects): Promise<boolean> {
  const row = context.rows.sealed('verifications', verificationRow(context.sealer, next));
  return changeWithEffects(context, effects, async (transaction) => {
    const before = next.revision - 1;
    if (!(await updateRow(transaction, { ...row, before }, context.connection.engine))) return false;
    if (next.secrets === undefined) {
      await deleteDocument(transaction, DOCUMENTS, next.id);
      await deleteFiles(transaction, FILES, next.id);
    }
    return true;
  });
}

/** Newest first, without secrets. */
async function list(
  context: StoreContext,
  rows: Rows,
  query: VerificationQuery,
): Promise<readonly Verification[]> {
  let page = rows.where('deleted_at', 'is', null).orderBy('id', 'desc').limit(query.limit);
  if (query.tenant !== undefined) page = page.where('tenant', '=', query.tenant);
  if (query.states !== undefined) page = page.where('state', 'in', [...query.states]);
  if (query.results !== undefined) page = page.where('result', 'in', [...query.results]);
  if (query.submissionKey !== undefined) page = page.where('submission_key', '=', query.submissionKey);
  if (query.subjectId !== undefined) page = page.where('subject_id', '=', query.subjectId);
  if (query.from !== undefined) page = page.where('id', '>=', firstIdOf(query.from));
  if (query.until !== undefined) page = page.where('id', '<', firstIdOf(query.until));
  if (query.withBundle === true) page = page.where('secrets_kept', '=', 1);
  if (query.after !== undefined) page = page.where('id', '<', query.after);
  return plain(context, page);
}

function plain({ sealer, rows }: StoreContext, page: Rows): Promise<readonly Verification[]> {
  return guarded(async () =>
    (await page.execute()).map((row) => verificationOf(rows.checked('verifications', row), sealer)),
  );
}
