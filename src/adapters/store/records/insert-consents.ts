import type { Consent } from '../../../ports/consent-store.ts';
import type { StoreTransaction } from '../engine/store-engine.ts';
import type { RowMacs } from '../rows/row-macs.ts';

/** In the transaction of the hand-out. */
export async function insertConsents(
  transaction: StoreTransaction,
  rows: RowMacs,
  consents: readonly Consent[],
): Promise<void> {
  for (const consent of consents) {
    await transaction
      .insertInto('consents')
      .values(
        rows.sealed('consents', {
          verification_id: consent.verificationId,
          tenant: consent.tenant,
          subject_id: consent.subjectId,
          items: JSON.stringify(consent.items),
          purpose: consent.purpose,
          wording_sha256: consent.wordingSha256,
          agreed_at: consent.agreedAt,
          handed_out_at: consent.handedOutAt,
          keep_until: consent.keepUntil,
        }),
      )
      .execute();
  }
}
