import { readFileSync } from 'node:fs';
import { exportedEvidence } from '../../verifier/evidence/evidence-export.ts';
import type { EvidenceOutcome, ExportVerification } from '../../verifier/evidence/verify-exported.ts';
import type { ArchiveItem, ArchiveJudge } from '../archive/archive-judges.ts';
import { type ArchiveColumns, type ArchiveRow, reasonOf } from '../archive/archive-lines.ts';
import type { ExitStatus } from '../command.ts';
import { statusOf } from './output.ts';

/** Of records in files; those of a store are named by their ids. */
export const RECORD_COLUMNS: ArchiveColumns = [
  'file',
  'outcome',
  'basis',
  'id',
  'result',
  'indication',
  'sub_indication',
  'proven_at',
  'valid_until',
];
export const STORED_COLUMNS: ArchiveColumns = [
  'id',
  'outcome',
  'basis',
  'result',
  'indication',
  'sub_indication',
  'proven_at',
  'valid_until',
];

const WORST: readonly EvidenceOutcome[] = ['altered', 'negative', 'not-provable', 'valid'];

/** Worst first: something altered, then what could not be read, something negative, something not provable. */
export const RECORDS_WORST: readonly (readonly [string, ExitStatus])[] = [
  ['altered', statusOf({ outcome: 'altered' })],
  ['unreadable', 2],
  ...WORST.slice(1).map((outcome) => [outcome, statusOf({ outcome })] as const),
];

/** What could not be read says why, in the place of the result. */
export function unreadRecord(name: string, code: string): ArchiveRow {
  return { file: name, id: name, outcome: 'unreadable', result: code };
}

/** A judge of records: of a file, or of the octets that a store gave under an id. */
export function judgeOfRecords(verify: (octets: Uint8Array) => Promise<ExportVerification>): ArchiveJudge {
  return async (item) => {
    try {
      return rowOf(item, await verify(octetsOf(item)));
    } catch (thrown) {
      return unreadRow(item, thrown);
    }
  };
}

function octetsOf({ name, record }: ArchiveItem): Uint8Array {
  return record === undefined
    ? new Uint8Array(readFileSync(name))
    : exportedEvidence(record.octets, record.proofs);
}

function rowOf({ name, record }: ArchiveItem, verification: ExportVerification): ArchiveRow {
  const { outcome, basis, id = '', result = '', verdict, time } = verification;
  return {
    file: name,
    outcome,
    basis,
    id: record === undefined ? id : name,
    result,
    indication: verdict?.indication ?? '',
    sub_indication: verdict?.subIndication ?? '',
    proven_at: instantText(time.provenAt),
    valid_until: instantText(time.validUntil),
  };
}

/** A file of a list that is not there (or may not be read) is told in its line; the others are judged all the same. */
function unreadRow({ name, record }: ArchiveItem, thrown: unknown): ArchiveRow {
  const row = unreadRecord(name, reasonOf(thrown));
  return record === undefined ? { ...row, id: '' } : row;
}

function instantText(instant: number | undefined): string {
  return instant === undefined ? '' : new Date(instant).toISOString();
}
