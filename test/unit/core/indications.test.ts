import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { ERROR_CODES, type ErrorCode } from '../../../src/core/errors.ts';
import {
  OPEN_QUESTIONS,
  PROOFS_OF_FAILURE,
  type ReportRow,
  reportRow,
  type SubIndication,
  VALIDATION_BLOCKS,
  VERDICTS,
} from '../../../src/core/indications.ts';
import { type Check, conclude, decisiveCheck, finding } from '../../../src/core/report.ts';

const AT = 0 as EpochMillis;
const CODES = Object.keys(ERROR_CODES) as ErrorCode[];
const IN_REPORTS = CODES.filter((code) => reportRow(code) !== undefined);
const SIX: readonly string[] = [
  'FORMAT_FAILURE',
  'HASH_FAILURE',
  'SIG_CRYPTO_FAILURE',
  'REVOKED',
  'EXPIRED',
  'NOT_YET_VALID',
];

function rowOf(code: ErrorCode): ReportRow {
  const row = reportRow(code);
  if (row === undefined) throw new Error(`${code} stands in no report`);
  return row;
}

const anyFinding = fc.constantFrom(...IN_REPORTS).chain((code) => {
  const { sub, also = [] } = rowOf(code);
  return fc.record({
    code: fc.constant(code),
    sub: fc.constantFrom<SubIndication>(sub, ...also),
    of: fc.constantFrom<'signer' | 'issuer'>('signer', 'issuer'),
  });
});
const anyCheck: fc.Arbitrary<Check> = fc.oneof(
  fc.constantFrom<Check>({ name: 'a', result: 'passed' }, { name: 'b', result: 'not-reached' }),
  anyFinding.map(({ code, sub, of }) => finding('c', code, { sub, of })),
);

describe('the table of codes', () => {
  it('has every code, and a code of a report has the class that its words allow', () => {
    expect(Object.keys(VERDICTS).sort()).toEqual([...CODES].sort());
    for (const code of IN_REPORTS) {
      const { sub, class: verdictClass } = rowOf(code);
      expect([code, verdictClass === 'final']).toEqual([code, SIX.includes(sub)]);
      expect([code, verdictClass === 'refused']).toEqual([code, false]);
    }
  });

  it('knows the sub-indications of facts/indications.md section 2, each on one side', () => {
    expect(PROOFS_OF_FAILURE).toEqual(SIX);
    expect(OPEN_QUESTIONS.filter((sub) => SIX.includes(sub))).toEqual([]);
    expect(new Set([...PROOFS_OF_FAILURE, ...OPEN_QUESTIONS]).size).toBe(25);
  });

  it('refuses a finding that the table does not know', () => {
    expect(() => finding('x', 'config.invalid')).toThrow('stands in no report');
    expect(() => finding('x', 'xmldsig.digest', { sub: 'TRY_LATER' })).toThrow('never TRY_LATER');
  });

  it('holds for the operator what is about the certificates of CAs, and says nothing final of it', () => {
    for (const code of IN_REPORTS.filter((name) => rowOf(name).ofIssuer !== undefined))
      expect(finding('x', code, { of: 'issuer' })).toMatchObject({ class: 'hold' });
    expect(finding('x', 'certificate.ca-revoked')).toMatchObject({ class: 'hold' });
    expect(finding('x', 'certificate.anchor-missing')).toMatchObject({ class: 'hold' });
  });
});

describe('the two laws', () => {
  it('(a) TOTAL-FAILED goes with six sub-indications only, and none of them with INDETERMINATE', () => {
    fc.assert(
      fc.property(fc.array(anyCheck, { maxLength: 12 }), (checks) => {
        const { indication, subIndication, class: verdictClass } = conclude(checks, AT);
        const proof = subIndication !== undefined && SIX.includes(subIndication);
        expect(indication === 'TOTAL-FAILED').toBe(proof);
        expect(verdictClass === 'final').toBe(proof);
        for (const check of checks)
          expect(check.result === 'failed').toBe(SIX.includes(check.subIndication ?? ''));
      }),
    );
  });

  it('(b) the earliest block of the standard decides, inside a block the first check', () => {
    fc.assert(
      fc.property(fc.array(anyCheck, { maxLength: 12 }), (checks) => {
        const wrong = checks.filter(({ code }) => code !== undefined);
        const place = ({ code }: Check) =>
          VALIDATION_BLOCKS.indexOf(rowOf(code as ErrorCode).block) * 100 +
          wrong.findIndex((check) => check.code === code);
        const first = [...wrong].sort((a, b) => place(a) - place(b))[0];
        const report = conclude(checks, AT);
        expect(report.subIndication).toBe(first?.subIndication);
        expect(decisiveCheck(report)).toEqual(first);
        if (first === undefined)
          expect(report.indication).toBe(
            checks.some(({ result }) => result === 'passed') ? 'TOTAL-PASSED' : 'INDETERMINATE',
          );
      }),
    );
  });

  it('a cryptographic failure wins over every status of a certificate, weak algorithm and other form', () => {
    const rest = IN_REPORTS.filter((code) => ['x509', 'acceptance', 'time'].includes(rowOf(code).block));
    for (const code of rest) {
      const report = conclude([finding('a', code), finding('b', 'xmldsig.digest')], AT);
      expect([code, report.indication, report.subIndication]).toEqual([code, 'TOTAL-FAILED', 'HASH_FAILURE']);
    }
  });
});

it('reads reports of before these words as they were: the first failed check decided them', () => {
  const checks: Check[] = [
    { name: 'revocation-status', result: 'indeterminate', code: 'revocation.stale' },
    { name: 'transaction-binding', result: 'failed', code: 'binding.transaction' },
  ];
  expect(decisiveCheck({ checks })?.code).toBe('binding.transaction');
});
