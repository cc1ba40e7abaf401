import { type Insertable, sql } from 'kysely';
import { toBase64 } from '../../../core/encoding.ts';
import type { SignatureMemory, SignatureOctets } from '../../../ports/signature-memory.ts';
import type { StoreContext } from '../context.ts';
import { compiledOnce } from '../engine/compiled-once.ts';
import { guarded } from '../engine/store-errors.ts';
import { changeRows } from '../rows/change-rows.ts';
import type { SignatureClaimTable } from '../schema/schema.ts';

const insertClaim = compiledOnce((db, row: Insertable<SignatureClaimTable>) =>
  db
    .insertInto('signature_claims')
    .values(row)
    .onConflict((conflict) => conflict.column('signature_hash').doNothing())
    .compile(),
);

/**
 * Signature values by a hash under the store's own key, which lies sealed in it: whoever has the database alone can
 * neither read them nor try one out.
 */
export function openSignatureMemory({ connection, rows, indexHash }: StoreContext): SignatureMemory {
  const { db, amongProcesses } = connection;
  const hashOf = ({ environment, value }: SignatureOctets) =>
    indexHash(`signature ${environment} ${toBase64(value)}`);
  return {
    claim: (signature, verification, now) =>
      guarded(async () => {
        const signature_hash = await hashOf(signature);
        const row = { signature_hash, verification_id: verification, at: now };
        // the verdict, whose commit comes after it, brings it to the disk
        const written = await insertClaim(amongProcesses, rows.sealed('signature_claims', row));
        if (written.numAffectedRows === 1n) return verification;
        const claimed = db
          .selectFrom('signature_claims')
          .selectAll()
          .where('signature_hash', '=', signature_hash);
        return rows.checked('signature_claims', await claimed.executeTakeFirstOrThrow()).verification_id;
      }),
    takeOver: (signature, from, to) =>
      guarded(async () => {
        const hash = await hashOf(signature);
        const where = sql<boolean>`signature_hash = ${hash} and verification_id = ${from}`;
        const set = { verification_id: to };
        return (await changeRows(db, rows, { table: 'signature_claims', where, set })) === 1;
      }),
  };
}
