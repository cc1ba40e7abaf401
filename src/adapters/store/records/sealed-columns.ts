import type { SealContext } from '../../../ports/sealer.ts';
import type { StoreSchema } from '../schema/schema.ts';
import { APPLICATION_SEALED_COLUMNS } from './application-row.ts';
import { filePlace } from './attached-files.ts';
import { versionedRecord } from './sealing.ts';

/** One sealed column: where it is and what its context says. */
export interface SealedColumn {
  readonly table: keyof StoreSchema;
  readonly column: string;
  /** Columns of the primary key. */
  readonly key: readonly string[];
  /** Record and tenant of the context of this row. */
  where(row: Readonly<Record<string, unknown>>): Pick<SealContext, 'record' | 'tenant'>;
}

type Where = SealedColumn['where'];

const versioned: Where = (row) => ({
  record: versionedRecord(String(row['id']), Number(row['revision'])),
  tenant: String(row['tenant']),
});
const byId: Where = (row) => ({ record: String(row['id']), tenant: String(row['tenant']) });
const byName =
  (name: string): Where =>
  (row) => ({ record: String(row[name]), tenant: '' });

function fileColumns(table: 'application_files' | 'verification_files'): readonly SealedColumn[] {
  const where: Where = (row) => ({
    record: filePlace(String(row['id']), Number(row['position'])),
    tenant: String(row['tenant']),
  });
  return ['sealed_name', 'sealed_octets'].map((column) => ({
    table,
    column,
    key: ['id', 'position'],
    where,
  }));
}

/** Every sealed column there is. A test compares this list with the schema's columns named `sealed_…`. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  ...APPLICATION_SEALED_COLUMNS.map(
    (column): SealedColumn => ({ table: 'applications', column, key: ['id'], where: versioned }),
  ),
  { table: 'application_documents', column: 'sealed_document', key: ['id'], where: byId },
  ...fileColumns('application_files'),
  { table: 'verifications', column: 'sealed_jwe', key: ['id'], where: versioned },
  { table: 'verification_documents', column: 'sealed_document', key: ['id'], where: byId },
  { table: 'status_checks', column: 'sealed_facts', key: ['id'], where: byId },
  ...fileColumns('verification_files'),
  { table: 'evidence', column: 'sealed_octets', key: ['id'], where: byId },
  { table: 'evidence_files', column: 'sealed_octets', key: ['sha256'], where: byName('sha256') },
  {
    table: 'idempotency_keys',
    column: 'sealed_answer',
    key: ['tenant', 'key_hash'],
    where: (row) => ({ record: String(row['key_hash']), tenant: String(row['tenant']) }),
  },
  { table: 'browser_sessions', column: 'sealed_subject', key: ['id_hash'], where: byName('id_hash') },
  { table: 'browser_sessions', column: 'sealed_csrf', key: ['id_hash'], where: byName('id_hash') },
  {
    table: 'browser_sessions',
    column: 'sealed_login',
    key: ['id_hash'],
    where: (row) => ({
      record: versionedRecord(String(row['id_hash']), Number(row['login_revision'])),
      tenant: '',
    }),
  },
  { table: 'operator_sessions', column: 'sealed_csrf', key: ['id_hash'], where: byName('id_hash') },
  { table: 'login_attempts', column: 'sealed_secrets', key: ['state_hash'], where: byName('state_hash') },
  { table: 'citizen_passkeys', column: 'sealed_secrets', key: ['id'], where: byId },
  { table: 'webhook_endpoints', column: 'sealed_secrets', key: ['id'], where: versioned },
  { table: 'leases', column: 'sealed_value', key: ['name'], where: byName('name') },
  { table: 'index_keys', column: 'sealed_key', key: ['name'], where: byName('name') },
];
