import { readFileSync } from 'node:fs';
import { decisiveCheck, isRetryable } from '../../core/report.ts';
import type { ValidationOutcome } from '../../verifier/validation-types.ts';
import type { ArchiveJudge } from '../archive/archive-judges.ts';
import { type ArchiveColumns, type ArchiveRow, reasonOf } from '../archive/archive-lines.ts';
import type { ExitStatus } from '../command.ts';
import { VERDICT_STATUS } from './output.ts';

export const DOCUMENT_COLUMNS: ArchiveColumns = [
  'file',
  'indication',
  'sub_indication',
  'class',
  'retryable',
  'code',
  'check',
  'validation_time',
  'signed_octets_sha256',
];

/** Worst first: proved wrong, then what could not be read, then what is open. */
export const DOCUMENTS_WORST: readonly (readonly [string, ExitStatus])[] = [
  ['TOTAL-FAILED', VERDICT_STATUS['TOTAL-FAILED']],
  ['unreadable', 2],
  ['INDETERMINATE', VERDICT_STATUS.INDETERMINATE],
  ['TOTAL-PASSED', VERDICT_STATUS['TOTAL-PASSED']],
];

export function unreadDocument(file: string, code: string): ArchiveRow {
  return { file, indication: 'unreadable', code };
}

/** A judge of signed documents in files; one that is not there (or may not be read) is told in its line. */
export function judgeOfDocuments(judge: (document: Uint8Array) => ValidationOutcome): ArchiveJudge {
  return async ({ name }) => {
    try {
      return rowOf(name, judge(new Uint8Array(readFileSync(name))));
    } catch (thrown) {
      return unreadDocument(name, reasonOf(thrown));
    }
  };
}

function rowOf(file: string, { report, signedOctetsSha256 = '' }: ValidationOutcome): ArchiveRow {
  const reason = decisiveCheck(report);
  return {
    file,
    indication: report.indication,
    sub_indication: report.subIndication ?? '',
    class: report.class ?? '',
    retryable: report.class === undefined ? '' : String(isRetryable(report)),
    code: reason?.code ?? '',
    check: reason?.name ?? '',
    validation_time: new Date(report.validationTime).toISOString(),
    signed_octets_sha256: signedOctetsSha256,
  };
}
