import { JitsuinError } from '../../../core/errors.ts';
import { missingShared, putBackShared, takeOutShared } from '../../../core/evidence/shared-parts.ts';
import type { EvidenceStore } from '../../../ports/evidence-store.ts';
import { changeWithEffects, type StoreContext } from '../context.ts';
import { guarded } from '../engine/store-errors.ts';
import { appendLink, sha256Hex } from './evidence-chain.ts';
import { collectFiles, keepFile, readFiles } from './evidence-files.ts';

/** Records sealed, each with its link in the hash chain; CRLs are kept once by their hash. */
export function openEvidenceStore(context: StoreContext): EvidenceStore {
  const get = (id: string, tenant?: string) => read(context, id, tenant);
  return {
    put: async (id, tenant, octets, seal) => {
      if (context.role === 'sp')
        throw new JitsuinError('config.role-key', 'The store of an sp does not keep evidence.');
      if (await write(context, { id, tenant, octets, seal })) return;
      const stored = await get(id, tenant);
      if (stored !== undefined && Buffer.compare(stored, octets) === 0) return;
      throw new JitsuinError('store.conflict', 'Other evidence is kept under this id.', { at: id });
    },
    delete: async (id, tenant, at) => {
      const audit = [{ event: 'evidence.deleted', subject: id, tenant, at }];
      await changeWithEffects(context, { audit }, async (transaction) => {
        const row = transaction.deleteFrom('evidence').where('id', '=', id).where('tenant', '=', tenant);
        if ((await row.executeTakeFirst()).numDeletedRows !== 1n) return false;
        await transaction.deleteFrom('evidence_seals').where('id', '=', id).execute();
        await transaction.deleteFrom('evidence_file_uses').where('used_by', '=', recordUse(id)).execute();
        return true;
      });
    },
    sealOf: async (id) => {
      const { db } = context.connection;
      const found = db.selectFrom('evidence_seals').select('seal').where('id', '=', id);
      return (await guarded(() => found.executeTakeFirst()))?.seal;
    },
    collectFiles: (limit) => guarded(() => collectFiles(context, limit)),
    get,
  };
}

function recordUse(id: string): string {
  return `record ${id}`;
}

function sealContext(id: string, tenant: string) {
  return { table: 'evidence', column: 'sealed_octets', record: id, tenant };
}

async function read(context: StoreContext, id: string, tenant?: string): Promise<Uint8Array | undefined> {
  const { sealer, connection } = context;
  let query = connection.db.selectFrom('evidence').selectAll().where('id', '=', id);
  if (tenant !== undefined) query = query.where('tenant', '=', tenant);
  const row = await guarded(() => query.executeTakeFirst());
  if (row === undefined) return undefined;
  const kept = sealer.open(row.sealed_octets, sealContext(id, row.tenant));
  const missing = missingShared(kept);
  if (missing.length === 0) return kept;
  return putBackShared(kept, await guarded(() => readFiles(context, missing)));
}

interface NewRecord {
  readonly id: string;
  readonly tenant: string;
  readonly octets: Uint8Array;
  readonly seal: string | undefined;
}

/** False when there is a record under this id already. */
async function write(context: StoreContext, { id, tenant, octets, seal }: NewRecord): Promise<boolean> {
  const { sealer, connection, clock, rows } = context;
  const { octets: kept, files } = takeOutShared(octets);
  const row = { id, tenant, sealed_octets: sealer.seal(kept, sealContext(id, tenant)) };
  return guarded(() =>
    connection.db.transaction().execute(async (transaction) => {
      const written = await transaction
        .insertInto('evidence')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirst();
      if (written.numInsertedOrUpdatedRows !== 1n) return false;
      for (const [sha256, file] of files) await keepFile(context, transaction, sha256, file, recordUse(id));
      if (seal !== undefined) await transaction.insertInto('evidence_seals').values({ id, seal }).execute();
      const link = { id, record_sha256: sha256Hex(octets), at: clock.now() };
      await appendLink(transaction, connection.engine, rows, link);
      return true;
    }),
  );
}
