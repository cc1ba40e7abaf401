import { sql } from 'kysely';
import type { Sealer } from '../../../ports/sealer.ts';
import { laterOnce } from '../engine/later.ts';
import type { StoreTransaction } from '../engine/store-engine.ts';

const DOCUMENTS_OF = {
  applications: 'application_documents',
  verifications: 'verification_documents',
} as const;

type DocumentsTable = (typeof DOCUMENTS_OF)[keyof typeof DOCUMENTS_OF];

interface DocumentRow {
  readonly id: string;
  readonly tenant: string;
  readonly sealed_document: Uint8Array;
}

const INSERT_INTO = {
  application_documents: laterOnce((db, row: DocumentRow) =>
    db.insertInto('application_documents').values(row).compile(),
  ),
  verification_documents: laterOnce((db, row: DocumentRow) =>
    db.insertInto('verification_documents').values(row).compile(),
  ),
};

const deletion = (table: DocumentsTable) =>
  laterOnce((db, { id }: Pick<DocumentRow, 'id'>) => db.deleteFrom(table).where('id', '=', id).compile());

const DELETE_FROM = {
  application_documents: deletion('application_documents'),
  verification_documents: deletion('verification_documents'),
};

interface Owner {
  readonly id: string;
  readonly tenant: string;
}

/** Writes the octets that came in: once, with their record. */
export async function insertDocument(
  transaction: StoreTransaction,
  sealer: Sealer,
  table: DocumentsTable,
  { id, tenant }: Owner,
  document: Uint8Array,
): Promise<void> {
  const sealed_document = sealer.seal(document, { table, column: 'sealed_document', record: id, tenant });
  await INSERT_INTO[table](transaction, { id, tenant, sealed_document });
}

export async function deleteDocument(
  transaction: StoreTransaction,
  table: DocumentsTable,
  id: string,
): Promise<void> {
  await DELETE_FROM[table](transaction, { id });
}

/** Column `sealed_document` for a question about the records of `owner`; null once the document was purged. */
export function sealedDocumentOf(owner: 'applications' | 'verifications') {
  const table = sql.table(DOCUMENTS_OF[owner]);
  const id = sql.ref(`${owner}.id`);
  return sql<Uint8Array | null>`(select d.sealed_document from ${table} d where d.id = ${id})`.as(
    'sealed_document',
  );
}

/** The document of a record as it came in. @throws JitsuinError `seal.integrity`, `key.not-found` */
export function openDocument(
  sealer: Sealer,
  table: DocumentsTable,
  { id, tenant }: Owner,
  sealed_document: Uint8Array | null,
): Uint8Array | undefined {
  if (sealed_document === null) return undefined;
  return sealer.open(sealed_document, { table, column: 'sealed_document', record: id, tenant });
}
