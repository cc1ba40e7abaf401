import type { Insertable, Kysely, SelectQueryBuilder } from 'kysely';
import { defined } from '../../../core/defined.ts';
import { JitsuinError } from '../../../core/errors.ts';
import type { AttachedFile } from '../../../core/forms/attached-files.ts';
import type { Application } from '../../../core/sign-transaction/application.ts';
import type { ApplicationQuery, ApplicationStore } from '../../../ports/application-store.ts';
import type { Effects } from '../../../ports/effects.ts';
import { changeWithEffects, type StoreContext } from '../context.ts';
import { compiledOnce } from '../engine/compiled-once.ts';
import { laterOnce, oneRow } from '../engine/later.ts';
import { guarded } from '../engine/store-errors.ts';
import type { ApplicationTable, StoreSchema } from '../schema/schema.ts';
import {
  type ApplicationRow,
  applicationGlance,
  applicationOf,
  applicationRow,
  plainApplicationOf,
} from './application-row.ts';
import { deleteFiles, insertFiles, readFiles } from './attached-files.ts';
import { deleteDocument, insertDocument, openDocument, sealedDocumentOf } from './documents.ts';
import { firstIdOf } from './id-range.ts';
import { dueRecords, openForSweep, standingRows, stuckRows } from './record-queries.ts';

const DOCUMENTS = 'application_documents';
const FILES = 'application_files';

type Rows = SelectQueryBuilder<StoreSchema, 'applications', ApplicationRow>;

interface ById {
  readonly id: string;
  readonly tenant?: string;
}

const rowById = compiledOnce((db, { id, tenant }: ById) => {
  const byId = db.selectFrom('applications').selectAll().where('id', '=', id);
  return (tenant === undefined ? byId : byId.where('tenant', '=', tenant)).compile();
});

const rowWithDocument = compiledOnce((db, { id, tenant }: ById) => {
  const byId = db.selectFrom('applications').selectAll().where('id', '=', id);
  const found = tenant === undefined ? byId : byId.where('tenant', '=', tenant);
  return found.select(sealedDocumentOf('applications')).compile();
});

const insertRow = laterOnce((db, row: Insertable<ApplicationTable>) =>
  db.insertInto('applications').values(row).compile(),
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
    }: Insertable<ApplicationTable> & { readonly before: number },
  ) =>
    db
      .updateTable('applications')
      .set(columns)
      .where('id', '=', id)
      .where('tenant', '=', tenant)
      .where('revision', '=', before)
      .returning('id'),
);

export function openApplicationStore(context: StoreContext): ApplicationStore {
  const { db } = context.connection;
  const rows = (): Rows => db.selectFrom('applications').selectAll();
  const first = async (query: Rows) => (await complete(context, query.limit(1)))[0];
  const ways = {
    rows,
    complete: (some: Rows) => complete(context, some),
    plain: (some: Rows) => plain(context, some),
    ids: (some: Rows) => guarded(() => some.execute()),
  };
  const forSweep = (query: Rows) => openForSweep(ways, query);
  return {
    insert: (application, effects, files = []) => insert(context, application, effects, files),
    files: (id, tenant) => guarded(() => readFiles(context, FILES, { id, tenant })),
    get: (id, tenant) =>
      guarded(async () => {
        const found = await rowWithDocument(db, defined({ id, tenant }));
        return found.rows.map((row) => openRow(context, row))[0];
      }),
    withoutDocument: (id, tenant) =>
      guarded(async () => {
        const found = await rowById(db, defined({ id, tenant }));
        return found.rows.map((row) => openWithoutDocument(context, row))[0];
      }),
    glance: (id, tenant) =>
      guarded(async () => {
        const [row] = (await rowById(db, { id, tenant })).rows;
        if (row === undefined) return undefined;
        return applicationGlance(context.rows.checked('applications', row), context.sealer);
      }),
    findByStateHash: (stateHash) => first(rows().where('state_hash', '=', stateHash)),
    findBySubjectHash: (subjectHash, states) =>
      complete(
        context,
        rows()
          .where('subject_hash', '=', subjectHash)
          .where('state', 'in', [...states]),
      ),
    list: (query) => list(context, rows(), query),
    update: (next, effects) => update(context, next, effects),
    due: (now, limit) => dueRecords(rows, forSweep, now, limit),
    // without its secrets nothing goes on: such a record waits for its clock
    stuck: async (states, before, limit) =>
      (await forSweep(stuckRows(rows(), states, before, limit))).filter((record) => 'secrets' in record),
    standing: (state, deadline, limit) => plain(context, standingRows(rows(), state, deadline, limit)),
  };
}

/** Rows with their secrets opened, but for the documents. */
async function complete(context: StoreContext, query: Rows): Promise<readonly Application[]> {
  return guarded(async () => (await query.execute()).map((row) => openWithoutDocument(context, row)));
}

function openWithoutDocument({ sealer, rows }: StoreContext, row: ApplicationRow): Application {
  return applicationOf(rows.checked('applications', row), sealer);
}

function openRow(
  { sealer, rows }: StoreContext,
  { sealed_document, ...read }: ApplicationRow & { readonly sealed_document: Uint8Array | null },
): Application {
  const row = rows.checked('applications', read);
  const document = openDocument(sealer, DOCUMENTS, row, sealed_document);
  return document === undefined ? plainApplicationOf(row) : applicationOf(row, sealer, document);
}

async function insert(
  context: StoreContext,
  application: Application,
  effects: Effects,
  files: readonly AttachedFile[],
): Promise<void> {
  refuseCertificateAtSp(context, application);
  const row = context.rows.sealed('applications', applicationRow(context.sealer, application));
  await changeWithEffects(context, effects, async (transaction) => {
    await insertRow(transaction, row);
    const document = application.secrets?.document;
    if (document !== undefined)
      await insertDocument(transaction, context.sealer, DOCUMENTS, application, document);
    await insertFiles(transaction, context.sealer, FILES, application, files);
    return true;
  });
}

async function update(context: StoreContext, next: Application, effects: Effects): Promise<boolean> {
  refuseCertificateAtSp(context, next);
  const row = context.rows.sealed('applications', applicationRow(context.sealer, next));
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

/** The law: an sp holds neither the certificate nor anything of it. A role that may not keep it cannot. */
function refuseCertificateAtSp(context: StoreContext, { secrets }: Application): void {
  if (context.role !== 'sp' || secrets === undefined) return;
  if (secrets.clearCertificate === undefined && secrets.clearSignatureValue === undefined) return;
  throw new JitsuinError(
    'config.role-key',
    'The store of an sp does not keep certificates or signature values.',
  );
}

/** Newest first, without secrets: a page of a list never opens a document. */
async function list(
  context: StoreContext,
  rows: Rows,
  query: ApplicationQuery,
): Promise<readonly Application[]> {
  let page = rows.orderBy('id', 'desc').limit(query.limit);
  if (query.tenant !== undefined) page = page.where('tenant', '=', query.tenant);
  if (query.from !== undefined) page = page.where('id', '>=', firstIdOf(query.from));
  if (query.until !== undefined) page = page.where('id', '<', firstIdOf(query.until));
  if (query.states !== undefined) page = page.where('state', 'in', [...query.states]);
  const { reference } = query;
  if (reference !== undefined)
    page = page.where((row) =>
      row.or([row('external_id', '=', reference), row('correlation_id', '=', reference)]),
    );
  if (query.after !== undefined) page = page.where('id', '<', query.after);
  return plain(context, page);
}

function plain({ rows }: StoreContext, page: Rows): Promise<readonly Application[]> {
  return guarded(async () =>
    (await page.execute()).map((row) => plainApplicationOf(rows.checked('applications', row))),
  );
}
