import type { Sealer } from '../../ports/sealer.ts';
import type { StoreConnection } from './connection.ts';
import type { StoreTransaction } from './store-engine.ts';

export type DocumentsTable = 'application_documents' | 'verification_documents';

/** Ids per question: both engines limit the parameters of a statement. */
const MOST_IDS = 500;

/** Writes the octets that came in: once, with their record. */
export async function insertDocument(
  transaction: StoreTransaction,
  sealer: Sealer,
  table: DocumentsTable,
  { id, tenant }: { readonly id: string; readonly tenant: string },
  document: Uint8Array,
): Promise<void> {
  const sealed_document = sealer.seal(document, { table, column: 'sealed_document', record: id, tenant });
  await transaction.insertInto(table).values({ id, tenant, sealed_document }).execute();
}

export async function deleteDocument(
  transaction: StoreTransaction,
  table: DocumentsTable,
  id: string,
): Promise<void> {
  await transaction.deleteFrom(table).where('id', '=', id).execute();
}

/** Opened documents by id; ids whose document was purged are missing. @throws JitsuinError `seal.integrity`, `key.not-found` */
export async function openDocuments(
  db: StoreConnection['db'],
  sealer: Sealer,
  table: DocumentsTable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const documents = new Map<string, Uint8Array>();
  for (let from = 0; from < ids.length; from += MOST_IDS) {
    const some = ids.slice(from, from + MOST_IDS);
    const rows = await db.selectFrom(table).selectAll().where('id', 'in', some).execute();
    for (const { id, tenant, sealed_document } of rows) {
      documents.set(
        id,
        sealer.open(sealed_document, { table, column: 'sealed_document', record: id, tenant }),
      );
    }
  }
  return documents;
}
