import { createHash } from 'node:crypto';
import type { SubjectStore } from '../../../ports/subject-store.ts';
import { changeWithEffects, type StoreContext } from '../context.ts';
import { guarded } from '../engine/store-errors.ts';

export function openSubjectStore(context: StoreContext): SubjectStore {
  const { connection, clock } = context;
  const { db } = connection;
  return {
    idFor: (tenant, certificate, fresh) =>
      guarded(async () => {
        const certificate_hash = createHash('sha256').update(`${tenant}\0`).update(certificate).digest('hex');
        await db
          .insertInto('subjects')
          .values({ tenant, certificate_hash, subject_id: fresh, created_at: clock.now() })
          .onConflict((conflict) => conflict.columns(['tenant', 'certificate_hash']).doNothing())
          .execute();
        const row = await db
          .selectFrom('subjects')
          .select('subject_id')
          .where('tenant', '=', tenant)
          .where('certificate_hash', '=', certificate_hash)
          .executeTakeFirstOrThrow();
        return row.subject_id;
      }),
    link: (tenant, kept, merged, audit) =>
      changeWithEffects(context, { audit }, async (transaction) => {
        const known = await transaction
          .selectFrom('subjects')
          .select('subject_id')
          .where('tenant', '=', tenant)
          .where('subject_id', '=', kept)
          .executeTakeFirst();
        if (known === undefined || kept === merged) return false;
        const written = await transaction
          .updateTable('subjects')
          .set({ subject_id: kept })
          .where('tenant', '=', tenant)
          .where('subject_id', '=', merged)
          .executeTakeFirst();
        if (written.numUpdatedRows === 0n) return false;
        await transaction
          .updateTable('verifications')
          .set({ subject_id: kept })
          .where('tenant', '=', tenant)
          .where('subject_id', '=', merged)
          .execute();
        await transaction
          .updateTable('consents')
          .set({ subject_id: kept })
          .where('tenant', '=', tenant)
          .where('subject_id', '=', merged)
          .execute();
        return true;
      }),
  };
}
