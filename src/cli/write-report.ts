import { toUtf8 } from '../core/encoding.ts';
import { etsiReport, type ReportFacts } from '../core/validation-report/etsi-report.ts';
import { validationReportPage } from '../web/validation-report/report-page.ts';
import type { CommandIo } from './command.ts';
import { writeOctets } from './document-arguments.ts';

/** Of the commands that judge one thing. */
export const REPORT_OPTIONS = {
  'report-xml': {
    type: 'string',
    value: 'OUT',
    means:
      'of one judgement: write the report as ETSI TS 119 102-2 (v1.4.1) XML; certificates and revocation data stand ' +
      'in it by their digests',
  },
  'report-html': {
    type: 'string',
    value: 'OUT',
    means:
      'of one judgement: write the report as a page to be printed (検証結果報告書), with that XML inside',
  },
} as const;

interface ReportPlaces {
  readonly 'report-xml'?: string | undefined;
  readonly 'report-html'?: string | undefined;
}

/** Who judges on a machine of their own seals nothing: the page says so. */
export async function writeReports(
  { 'report-xml': xml, 'report-html': page }: ReportPlaces,
  facts: ReportFacts,
  io: CommandIo,
): Promise<void> {
  const text = etsiReport([facts]);
  if (xml !== undefined) await writeOctets(xml, toUtf8(text), io);
  if (page !== undefined) await writeOctets(page, toUtf8(validationReportPage(facts, { text })), io);
}

/** Whether either is wanted. */
export function wantsReport({ 'report-xml': xml, 'report-html': page }: ReportPlaces): boolean {
  return xml !== undefined || page !== undefined;
}
