import { fromUtf8, toUtf8 } from '../../../core/encoding.ts';
import type { SealContext, Sealer } from '../../../ports/sealer.ts';

/** Seals the columns of one record: the context is the same but for the column. */
export interface RecordSeal {
  seal(column: string, plaintext: Uint8Array): Uint8Array;
  open(column: string, sealed: Uint8Array): Uint8Array;
  sealText(column: string, text: string): Uint8Array;
  openText(column: string, sealed: Uint8Array): string;
}

export function recordSeal(sealer: Sealer, context: Omit<SealContext, 'column'>): RecordSeal {
  return {
    seal: (column, plaintext) => sealer.seal(plaintext, { ...context, column }),
    open: (column, sealed) => sealer.open(sealed, { ...context, column }),
    sealText: (column, text) => sealer.seal(toUtf8(text), { ...context, column }),
    openText: (column, sealed) => fromUtf8(sealer.open(sealed, { ...context, column })),
  };
}

/**
 * The record part of the context of a versioned row: an older value put back does not open under the newer
 * revision.
 */
export function versionedRecord(id: string, revision: number): string {
  return `${id}@${revision}`;
}
