import { defined } from '../../../core/defined.ts';
import { asJitsuinError } from '../../../core/errors.ts';
import { missingShared, putBackShared } from '../../../core/evidence/shared-parts.ts';
import type { EvidenceStore } from '../../../ports/evidence-store.ts';
import { changeWithEffects, type StoreContext } from '../context.ts';
import { guarded } from '../engine/store-errors.ts';
import { collectFiles, readFiles } from './evidence-files.ts';
import {
  evidenceSealContext,
  insertEvidence,
  recordUse,
  type SealedEvidence,
  sealedEvidence,
} from './insert-evidence.ts';

/** Records sealed, each with its link in the hash chain; CRLs are kept once by their hash. */
export function openEvidenceStore(context: StoreContext): EvidenceStore {
  const get = (id: string, tenant?: string) => read(context, id, tenant);
  return {
    put: async (id, tenant, octets, seal) => {
      const record = sealedEvidence(context, defined({ id, tenant, octets, seal }));
      try {
        await write(context, record);
      } catch (thrown) {
        if (asJitsuinError(thrown).code !== 'store.conflict') throw thrown;
        const stored = await get(id, tenant);
        if (stored !== undefined && Buffer.compare(stored, octets) === 0) return;
        throw thrown;
      }
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

async function read(context: StoreContext, id: string, tenant?: string): Promise<Uint8Array | undefined> {
  const { sealer, connection } = context;
  let query = connection.db.selectFrom('evidence').selectAll().where('id', '=', id);
  if (tenant !== undefined) query = query.where('tenant', '=', tenant);
  const row = await guarded(() => query.executeTakeFirst());
  if (row === undefined) return undefined;
  const kept = sealer.open(row.sealed_octets, evidenceSealContext(id, row.tenant));
  const missing = missingShared(kept);
  if (missing.length === 0) return kept;
  return putBackShared(kept, await guarded(() => readFiles(context, missing)));
}

async function write({ connection, rows }: StoreContext, record: SealedEvidence): Promise<void> {
  const { engine } = connection;
  await guarded(() =>
    connection.db
      .transaction()
      .execute((transaction) => insertEvidence(transaction, { engine, rows }, [record])),
  );
}
