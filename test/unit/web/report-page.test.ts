import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { OPEN_QUESTIONS } from '../../../src/core/indications.ts';
import type { ReportFacts } from '../../../src/core/validation-report/etsi-report.ts';
import { validationReportPage } from '../../../src/web/validation-report/report-page.ts';

const AT = Date.UTC(2026, 10, 30, 3) as EpochMillis;
const XML = '<ValidationReport>"&</ValidationReport>';
const facts = (over: Partial<ReportFacts> = {}): ReportFacts => ({
  report: { indication: 'TOTAL-PASSED', validationTime: AT, checks: [{ name: 'shape', result: 'passed' }] },
  process: 'Basic',
  ...over,
});

describe('検証結果報告書', () => {
  it('says the verdict in both languages, and "wrong" only where it is proved', () => {
    const open = OPEN_QUESTIONS.map((subIndication) =>
      validationReportPage(
        facts({ report: { indication: 'INDETERMINATE', subIndication, validationTime: AT, checks: [] } }),
        { text: XML },
      ),
    );
    for (const page of open) {
      expect(page).toContain('誤りと証明されたわけではありません');
      expect(page).not.toContain('誤りが証明されました');
    }
    const failed = validationReportPage(
      facts({
        report: {
          indication: 'TOTAL-FAILED',
          subIndication: 'HASH_FAILURE',
          validationTime: AT,
          checks: [{ name: 'reference-digest', result: 'failed', code: 'xmldsig.digest' }],
        },
      }),
      { text: XML },
    );
    for (const part of [
      '誤りが証明されました',
      'HASH_FAILURE',
      'xmldsig.digest',
      '2026年11月30日 12:00:00(日本時間)',
    ])
      expect(failed).toContain(part);
    expect(validationReportPage(facts(), { text: XML })).toContain('data-indication="TOTAL-PASSED"');
  });

  it('carries the XML, says whose seal it has, or that it has none', () => {
    const bare = validationReportPage(facts(), { text: XML });
    expect(bare).toContain(`base64,${Buffer.from(XML).toString('base64')}`);
    expect(bare).toContain('data-sealed="no"');
    const seal = { by: 'https://pf.example', kid: 'key-1' };
    const sealed = validationReportPage(facts(), { text: XML, seal });
    expect(sealed).toContain('data-sealed="yes"');
    expect(sealed).toContain('https://pf.example/.well-known/jwks.json');
  });

  it('runs nothing and loads nothing; text of others is text, detail only where it is wanted', () => {
    const check = {
      name: '<script>',
      result: 'indeterminate',
      code: '<b>',
      detail: 'of the operator',
    } as const;
    const report = { indication: 'INDETERMINATE', validationTime: AT, checks: [check] } as const;
    const page = validationReportPage(facts({ id: '<img>', report }), { text: XML });
    expect(page).not.toMatch(/<script|<img|<b>|src=|url\(|@import|of the operator/);
    expect(validationReportPage(facts({ report, details: true }), { text: XML })).toContain(
      'of the operator',
    );
  });
});
