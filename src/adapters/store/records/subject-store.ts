import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { SubjectStore } from '../../../ports/subject-store.ts';
import { changeWithEffects, type StoreContext } from '../context.ts';
import { guarded } from '../engine/store-errors.ts';
import { changeRows } from '../rows/change-rows.ts';

export function openSubjectStore(context: StoreContext): SubjectStore {
  const { connection, clock, rows, indexHash } = context;
  const { db } = connection;
  return {
    idFor: (tenant, certificate, fresh) =>
      guarded(async () => {
        const plain = createHash('sha256').update(`${tenant}\0`).update(certificate).digest('hex');
        const certificate_hash = await indexHash(plain);
        await db
          .insertInto('subjects')
          .values(
            rows.sealed('subjects', { tenant, certificate_hash, subject_id: fresh, created_at: clock.now() }),
          )
          .onConflict((conflict) => conflict.columns(['tenant', 'certificate_hash']).doNothing())
          .execute();
        const row = await db
          .selectFrom('subjects')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('certificate_hash', '=', certificate_hash)
          .executeTakeFirstOrThrow();
        return rows.checked('subjects', row).subject_id;
      }),
    forget: (tenant, subject, audit) =>
      changeWithEffects(context, { audit }, async (transaction) => {
        const gone = await transaction
          .deleteFrom('subjects')
          .where('tenant', '=', tenant)
          .where('subject_id', '=', subject)
          .executeTakeFirst();
        return gone.numDeletedRows > 0n;
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
        const where = sql<boolean>`tenant = ${tenant} and subject_id = ${merged}`;
        const set = { subject_id: kept };
        if ((await changeRows(transaction, rows, { table: 'subjects', where, set })) === 0) return false;
        await changeRows(transaction, rows, { table: 'verifications', where, set });
        await changeRows(transaction, rows, { table: 'consents', where, set });
        return true;
      }),
  };
}
