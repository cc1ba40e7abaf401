import { toUtf8 } from '../../../core/encoding.ts';
import type { AttachedFile } from '../../../core/forms/attached-files.ts';
import type { Sealer } from '../../../ports/sealer.ts';
import type { StoreContext } from '../context.ts';
import { laterOnce } from '../engine/later.ts';
import type { StoreTransaction } from '../engine/store-engine.ts';
import { recordSeal } from './sealing.ts';

type FilesTable = 'application_files' | 'verification_files';

const deletion = (table: FilesTable) =>
  laterOnce((db, { id }: Pick<Owner, 'id'>) => db.deleteFrom(table).where('id', '=', id).compile());

const DELETE_FROM = {
  application_files: deletion('application_files'),
  verification_files: deletion('verification_files'),
};

interface Owner {
  readonly id: string;
  readonly tenant: string;
}

/** What the seal of one file says of its place. */
export function filePlace(id: string, position: number): string {
  return `${id}#${position}`;
}

/** Writes the files that came in beside a document: one after the other, so that only one is held sealed. */
export async function insertFiles(
  transaction: StoreTransaction,
  sealer: Sealer,
  table: FilesTable,
  { id, tenant }: Owner,
  files: readonly AttachedFile[],
): Promise<void> {
  for (const [position, { name, octets }] of files.entries()) {
    const seal = recordSeal(sealer, { table, record: filePlace(id, position), tenant });
    await transaction
      .insertInto(table)
      .values({
        id,
        position,
        tenant,
        sealed_name: seal.seal('sealed_name', toUtf8(name)),
        sealed_octets: seal.seal('sealed_octets', octets),
      })
      .execute();
  }
}

/** @throws JitsuinError `seal.integrity`, `key.not-found` */
export async function readFiles(
  { connection, sealer }: StoreContext,
  table: FilesTable,
  { id, tenant }: Owner,
): Promise<readonly AttachedFile[]> {
  const rows = await connection.db
    .selectFrom(table)
    .selectAll()
    .where('id', '=', id)
    .where('tenant', '=', tenant)
    .orderBy('position')
    .execute();
  return rows.map(({ position, sealed_name, sealed_octets }) => {
    const seal = recordSeal(sealer, { table, record: filePlace(id, position), tenant });
    return {
      name: seal.openText('sealed_name', sealed_name),
      octets: seal.open('sealed_octets', sealed_octets),
    };
  });
}

export async function deleteFiles(
  transaction: StoreTransaction,
  table: FilesTable,
  id: string,
): Promise<void> {
  await DELETE_FROM[table](transaction, { id });
}
