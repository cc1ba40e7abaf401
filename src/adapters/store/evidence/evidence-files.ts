import { type Kysely, sql } from 'kysely';
import type { Sealer } from '../../../ports/sealer.ts';
import { compiledOnce } from '../engine/compiled-once.ts';
import { laterOnce } from '../engine/later.ts';
import type { StoreTransaction } from '../engine/store-engine.ts';
import type { StoreSchema } from '../schema/schema.ts';

interface FileParts {
  readonly connection: { readonly db: Kysely<StoreSchema> };
  readonly sealer: Sealer;
}

/**
 * Files that many records share (CRLs, often megabytes), sealed, kept once by their hash, with a list of who uses
 * each.
 */
function fileContext(sha256: string) {
  return { table: 'evidence_files', column: 'sealed_octets', record: sha256, tenant: '' };
}

/** Hex SHA-256 → octets, of those that are there. */
export async function readFiles(
  { connection, sealer }: FileParts,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  if (hashes.length === 0) return new Map();
  const rows = await connection.db
    .selectFrom('evidence_files')
    .select(['sha256', 'sealed_octets'])
    .where('sha256', 'in', [...hashes])
    .execute();
  return new Map(
    rows.map(({ sha256, sealed_octets }) => [sha256, sealer.open(sealed_octets, fileContext(sha256))]),
  );
}

const insertUse = laterOnce((db, row: { readonly sha256: string; readonly used_by: string }) =>
  db
    .insertInto('evidence_file_uses')
    .values(row)
    .onConflict((conflict) => conflict.columns(['sha256', 'used_by']).doNothing())
    .compile(),
);

const lockRow = compiledOnce((db, { sha256 }: { readonly sha256: string }) =>
  db.updateTable('evidence_files').set({ sha256 }).where('sha256', '=', sha256).compile(),
);

/**
 * Keeps a file for a user, in the user's transaction. The row stays locked until the commit, so that it cannot be
 * collected between the question whether it is there and the note that it is used.
 */
export async function keepFile(
  { sealer }: Pick<FileParts, 'sealer'>,
  transaction: StoreTransaction,
  sha256: string,
  octets: Uint8Array,
  usedBy: string,
): Promise<void> {
  if (!(await lockFile(transaction, sha256))) {
    await transaction
      .insertInto('evidence_files')
      .values({ sha256, sealed_octets: sealer.seal(octets, fileContext(sha256)), counted: 1 })
      .onConflict((conflict) => conflict.column('sha256').doUpdateSet({ sha256 }))
      .execute();
  }
  await insertUse(transaction, { sha256, used_by: usedBy });
}

/** An update that changes nothing: the lock that both engines have. False when there is no such row. */
async function lockFile(transaction: StoreTransaction, sha256: string): Promise<boolean> {
  return (await lockRow(transaction, { sha256 })).numAffectedRows === 1n;
}

const UNUSED = sql<boolean>`not exists
  (select 1 from evidence_file_uses where evidence_file_uses.sha256 = evidence_files.sha256)`;

/** Deletes files that nobody uses any more; each under its lock, and asked again once it is held. */
export async function collectFiles(
  { connection }: Pick<FileParts, 'connection'>,
  limit: number,
): Promise<number> {
  const unused = await connection.db
    .selectFrom('evidence_files')
    .select('sha256')
    .where('counted', '=', 1)
    .where(UNUSED)
    .limit(limit)
    .execute();
  let collected = 0;
  for (const { sha256 } of unused) {
    collected += await connection.db.transaction().execute(async (transaction) => {
      if (!(await lockFile(transaction, sha256))) return 0;
      const gone = transaction.deleteFrom('evidence_files').where('sha256', '=', sha256).where(UNUSED);
      return Number((await gone.executeTakeFirst()).numDeletedRows);
    });
  }
  return collected;
}
