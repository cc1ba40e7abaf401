import type { ChainHeads } from '../../../ports/public-log.ts';
import type { StoreConnection } from '../engine/connection.ts';
import { guarded } from '../engine/store-errors.ts';
import type { RowMacs } from '../rows/row-macs.ts';

/** The newest seal of the audit chains and the newest link of the evidence chain, each with its MAC checked. */
export function openChainHeads({
  connection,
  rows,
}: {
  readonly connection: StoreConnection;
  readonly rows: RowMacs;
}): ChainHeads {
  const { db } = connection;
  return {
    newest: () =>
      guarded(async () => {
        const [audit, evidence] = [
          await db.selectFrom('audit_seal_head').selectAll().where('id', '=', 1).executeTakeFirst(),
          await db.selectFrom('evidence_head').selectAll().where('id', '=', 1).executeTakeFirst(),
        ];
        const seal = audit === undefined ? undefined : rows.checked('audit_seal_head', audit);
        const link = evidence === undefined ? undefined : rows.checked('evidence_head', evidence);
        return {
          ...(seal === undefined || seal.seals === 0
            ? undefined
            : { seal: { seq: seal.seals, hash: seal.hash } }),
          ...(link === undefined || link.seq === 0
            ? undefined
            : { evidence: { seq: link.seq, hash: link.hash } }),
        };
      }),
    recordHash: (id) =>
      guarded(async () => {
        const row = await db
          .selectFrom('evidence_chain')
          .selectAll()
          .where('id', '=', id)
          .orderBy('seq', 'desc')
          .limit(1)
          .executeTakeFirst();
        return row === undefined ? undefined : rows.checked('evidence_chain', row).record_sha256;
      }),
    hashAt: (chain, seq) =>
      guarded(async () => {
        if (chain === 'seal') {
          const row = await db
            .selectFrom('audit_seals')
            .selectAll()
            .where('seq', '=', seq)
            .executeTakeFirst();
          return row === undefined ? undefined : rows.checked('audit_seals', row).hash;
        }
        const row = await db
          .selectFrom('evidence_chain')
          .selectAll()
          .where('seq', '=', seq)
          .executeTakeFirst();
        return row === undefined ? undefined : rows.checked('evidence_chain', row).hash;
      }),
  };
}
