import type { Insertable } from 'kysely';
import { hexSha256 } from '../../../core/digest/sha256.ts';
import type { FeeEntry } from '../../../ports/fee-ledger.ts';
import { laterOnce } from '../engine/later.ts';
import type { StoreTransaction } from '../engine/store-engine.ts';
import type { RowMacs } from '../rows/row-macs.ts';
import type { FeeTable } from '../schema/schema.ts';

const insertFee = laterOnce((db, row: Insertable<FeeTable>) =>
  db
    .insertInto('fee_ledger')
    .values(row)
    .onConflict((conflict) => conflict.column('key_hash').doNothing())
    .compile(),
);

/** In the caller's transaction; what is there under the same key stays. */
export async function insertFees(
  transaction: StoreTransaction,
  rows: RowMacs,
  entries: readonly FeeEntry[],
): Promise<void> {
  for (const entry of entries) {
    const { id, tenant, month, at, certificate, method, purpose, result } = entry;
    const row = {
      id,
      tenant,
      month,
      at,
      certificate,
      method,
      purpose,
      result,
      key_hash: hexSha256(entry.key),
      verification_id: entry.verificationId,
      list_price: entry.listPrice,
      charged_price: entry.chargedPrice,
      rule: entry.rule ?? null,
    };
    await insertFee(transaction, rows.sealed('fee_ledger', row));
  }
}
