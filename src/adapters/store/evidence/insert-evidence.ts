import type { EpochMillis } from '../../../core/brand.ts';
import { JitsuinError } from '../../../core/errors.ts';
import { takeOutShared } from '../../../core/evidence/shared-parts.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { NewEvidence } from '../../../ports/evidence-store.ts';
import type { Sealer } from '../../../ports/sealer.ts';
import { laterOnce } from '../engine/later.ts';
import type { StoreEngine, StoreTransaction } from '../engine/store-engine.ts';
import type { RowMacs } from '../rows/row-macs.ts';
import { appendLink, sha256Hex } from './evidence-chain.ts';
import { keepFile } from './evidence-files.ts';

interface EvidenceParts {
  readonly engine: StoreEngine;
  readonly rows: RowMacs;
}

interface SealingParts {
  readonly role: string;
  readonly sealer: Sealer;
  readonly clock: Clock;
}

/** A record sealed before its transaction begins. */
export interface SealedEvidence {
  readonly row: { readonly id: string; readonly tenant: string; readonly sealed_octets: Uint8Array };
  /** Hex SHA-256 → octets. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly sealer: Sealer;
  readonly seal: string | undefined;
  readonly link: { readonly id: string; readonly record_sha256: string; readonly at: EpochMillis };
}

export function recordUse(id: string): string {
  return `record ${id}`;
}

export function evidenceSealContext(id: string, tenant: string) {
  return { table: 'evidence', column: 'sealed_octets', record: id, tenant };
}

/** @throws JitsuinError `config.role-key` at an sp, which keeps none */
export function sealedEvidence(
  { role, sealer, clock }: SealingParts,
  { id, tenant, octets, sha256, kept: given, seal }: NewEvidence,
): SealedEvidence {
  if (role === 'sp') throw new JitsuinError('config.role-key', 'The store of an sp does not keep evidence.');
  const { octets: kept, files } = given ?? takeOutShared(octets);
  const row = { id, tenant, sealed_octets: sealer.seal(kept, evidenceSealContext(id, tenant)) };
  const link = { id, record_sha256: sha256 ?? sha256Hex(octets), at: clock.now() };
  return { row, files, sealer, seal, link };
}

const insertRecord = laterOnce((db, row: SealedEvidence['row']) =>
  db.insertInto('evidence').values(row).compile(),
);

const insertSeal = laterOnce((db, row: { readonly id: string; readonly seal: string }) =>
  db.insertInto('evidence_seals').values(row).compile(),
);

/**
 * Records with their files and links. Files come first and in the order of their hashes, then the head of the chain:
 * all writers take these locks in one order.
 * @throws JitsuinError `store.conflict`: there is a record under one of the ids
 */
export async function insertEvidence(
  transaction: StoreTransaction,
  { engine, rows }: EvidenceParts,
  records: readonly SealedEvidence[],
): Promise<void> {
  for (const { row, seal } of records) {
    await insertRecord(transaction, row);
    if (seal !== undefined) await insertSeal(transaction, { id: row.id, seal });
  }
  const files = records.flatMap(({ row, files, sealer }) =>
    [...files].map(([sha256, octets]) => ({ sha256, octets, sealer, usedBy: recordUse(row.id) })),
  );
  for (const { sha256, octets, sealer, usedBy } of files.sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1)))
    await keepFile({ sealer }, transaction, sha256, octets, usedBy);
  for (const { link } of records) await appendLink(transaction, engine, rows, link);
}
