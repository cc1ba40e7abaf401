import type { Response } from 'express';
import { sha256 } from '../../core/digest/sha256.ts';
import { toBase64, toUtf8 } from '../../core/encoding.ts';
import type { ReportFacts } from '../../core/validation-report/etsi-report.ts';
import { REPORT_STYLE, type ReportXml, validationReportPage } from './report-page.ts';

const STYLE = toBase64(sha256(toUtf8(REPORT_STYLE)));
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE}'; frame-ancestors 'none'`;

/** A report as XML (a file), or as the page that is printed: its one style is let in by its hash, and nothing else. */
export function sendReport(
  response: Response,
  format: 'xml' | 'html',
  facts: ReportFacts,
  xml: ReportXml,
): void {
  if (format === 'html') {
    response.type('html').set('content-security-policy', POLICY).send(validationReportPage(facts, xml));
    return;
  }
  response.type('application/xml').attachment(`validation-report-${facts.id}.xml`).send(xml.text);
}
