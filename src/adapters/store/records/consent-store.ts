import type { Selectable } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import type { Consent, ConsentItem, ConsentStore } from '../../../ports/consent-store.ts';
import type { StoreContext } from '../context.ts';
import { guarded } from '../engine/store-errors.ts';
import type { ConsentTable } from '../schema/schema.ts';
import { parsedJson } from './row-values.ts';

export function openConsentStore({ connection, rows: macs }: StoreContext): ConsentStore {
  const { db } = connection;
  const ofTenant = (tenant: string) => db.selectFrom('consents').selectAll().where('tenant', '=', tenant);
  return {
    get: (verificationId, tenant) =>
      guarded(async () => {
        const row = await ofTenant(tenant).where('verification_id', '=', verificationId).executeTakeFirst();
        return row === undefined ? undefined : consentOf(macs.checked('consents', row));
      }),
    list: (tenant, subjectId) =>
      guarded(async () => {
        const all = ofTenant(tenant).orderBy('handed_out_at').orderBy('verification_id');
        const rows = subjectId === undefined ? all : all.where('subject_id', '=', subjectId);
        return (await rows.execute()).map((row) => consentOf(macs.checked('consents', row)));
      }),
    purge: (now, limit) =>
      guarded(async () => {
        const old = await db
          .selectFrom('consents')
          .select('verification_id')
          .where('keep_until', '<', now)
          .limit(limit)
          .execute();
        const ids = old.map((row) => row.verification_id);
        if (ids.length > 0) await db.deleteFrom('consents').where('verification_id', 'in', ids).execute();
        return ids.length;
      }),
  };
}

function consentOf(row: Selectable<ConsentTable>): Consent {
  return {
    verificationId: row.verification_id,
    tenant: row.tenant,
    subjectId: row.subject_id,
    items: parsedJson<readonly ConsentItem[]>(row.items),
    purpose: row.purpose,
    wordingSha256: row.wording_sha256,
    agreedAt: row.agreed_at as EpochMillis,
    handedOutAt: row.handed_out_at as EpochMillis,
    keepUntil: row.keep_until as EpochMillis,
  };
}
