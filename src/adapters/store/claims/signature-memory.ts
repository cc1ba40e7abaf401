import { createHmac, randomBytes } from 'node:crypto';
import type { SignatureMemory, SignatureOctets } from '../../../ports/signature-memory.ts';
import type { StoreContext } from '../context.ts';
import { guarded } from '../engine/store-errors.ts';

const KEY_OCTETS = 32;
const KEY_NAME = 'signatures';

/**
 * Signature values by HMAC-SHA-256 under a key that lies sealed in the store: whoever has the database alone can neither read them
 * nor try one out.
 */
export function openSignatureMemory(context: StoreContext): SignatureMemory {
  const { db } = context.connection;
  let key: Promise<Uint8Array> | undefined;
  const hashOf = async ({ environment, value }: SignatureOctets) => {
    key ??= keyOf(context);
    return createHmac('sha256', await key)
      .update(`${environment}\0`)
      .update(value)
      .digest('hex');
  };
  return {
    claim: (signature, verification, now) =>
      guarded(async () => {
        const signature_hash = await hashOf(signature);
        await db
          .insertInto('signature_claims')
          .values({ signature_hash, verification_id: verification, at: now })
          .onConflict((conflict) => conflict.column('signature_hash').doNothing())
          .execute();
        const claimed = db
          .selectFrom('signature_claims')
          .select('verification_id')
          .where('signature_hash', '=', signature_hash);
        return (await claimed.executeTakeFirstOrThrow()).verification_id;
      }),
    takeOver: (signature, from, to) =>
      guarded(async () => {
        const taken = await db
          .updateTable('signature_claims')
          .set({ verification_id: to })
          .where('signature_hash', '=', await hashOf(signature))
          .where('verification_id', '=', from)
          .executeTakeFirst();
        return taken.numUpdatedRows === 1n;
      }),
  };
}

const SEALED = { table: 'signature_keys', column: 'sealed_key', record: KEY_NAME, tenant: '' };

/** Made by whoever comes first; all others read that one. */
async function keyOf({ connection: { db }, sealer }: StoreContext): Promise<Uint8Array> {
  await db
    .insertInto('signature_keys')
    .values({ name: KEY_NAME, sealed_key: sealer.seal(new Uint8Array(randomBytes(KEY_OCTETS)), SEALED) })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  const row = db.selectFrom('signature_keys').select('sealed_key').where('name', '=', KEY_NAME);
  return sealer.open((await row.executeTakeFirstOrThrow()).sealed_key, SEALED);
}
