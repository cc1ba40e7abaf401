import type { Selectable } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import type { CertificateKind, CheckMethod, CheckPurpose } from '../../../core/fees/price-list.ts';
import type { FeeEntry, FeeLedger } from '../../../ports/fee-ledger.ts';
import { changeWithEffects, type StoreContext } from '../context.ts';
import { guarded } from '../engine/store-errors.ts';
import type { FeeTable } from '../schema/schema.ts';

export function openFeeLedger(context: StoreContext): FeeLedger {
  const { connection, rows: macs } = context;
  return {
    record: async (entries, audit) => {
      await changeWithEffects(context, { audit, fees: entries }, async () => true);
    },
    ofMonth: (tenant, month) =>
      guarded(async () => {
        const rows = await connection.db
          .selectFrom('fee_ledger')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('month', '=', month)
          .orderBy('id')
          .execute();
        return rows.map((row) => entryOf(macs.checked('fee_ledger', row)));
      }),
    totals: (from, to) =>
      guarded(async () => {
        const rows = await connection.db
          .selectFrom('fee_ledger')
          .select(['month', 'tenant'])
          .select(({ fn }) => [
            fn.countAll().as('count'),
            fn.sum('list_price').as('list'),
            fn.sum('charged_price').as('charged'),
          ])
          .where('month', '>=', from)
          .where('month', '<=', to)
          .groupBy(['month', 'tenant'])
          .orderBy('month', 'desc')
          .orderBy('tenant')
          .execute();
        return rows.map(({ month, tenant, count, list, charged }) => ({
          month,
          tenant,
          count: Number(count),
          list: Number(list),
          charged: Number(charged),
        }));
      }),
  };
}

function entryOf(row: Selectable<FeeTable>): Omit<FeeEntry, 'key'> {
  const { id, tenant, month } = row;
  return defined({
    id,
    tenant,
    month,
    at: row.at as EpochMillis,
    certificate: row.certificate as CertificateKind,
    method: row.method as CheckMethod,
    purpose: row.purpose as CheckPurpose,
    verificationId: row.verification_id,
    result: row.result === 'REVOKED' ? 'REVOKED' : 'OK',
    listPrice: row.list_price,
    chargedPrice: row.charged_price,
    rule: row.rule === null ? undefined : row.rule,
  });
}
