import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../../src/core/encoding.ts';
import {
  FORM_SAMPLES,
  formNamed,
  givenFile,
  judgeSample,
  signSample,
  verdictOf,
} from '../../support/xmldsig/forms.ts';

const [EGOV] = FORM_SAMPLES;
if (EGOV === undefined) throw new Error('no sample');

describe.each(FORM_SAMPLES)('form $form', (sample) => {
  const signed = signSample(sample);
  const judgement = judgeSample(signed);

  it('is written as its file says, and verifies by the same file', () => {
    expect(judgement.report.indication).toBe('TOTAL-PASSED');
    const { covered = [], form } = judgement.validation;
    expect(form).toMatchObject({ name: sample.form, sha256: formNamed(sample.form).sha256 });
    expect(covered.filter(({ kind }) => kind === 'file').map(({ name }) => name)).toEqual(
      sample.files.map(([name]) => name),
    );
    for (const { sha256, length } of covered) expect([sha256.length, length > 0]).toEqual([64, true]);
  });

  it('changes no octet outside of the Signature', () => {
    const { document } = sample;
    if (document === undefined) return;
    const from = signed.text.search(/<(?:dsig:)?Signature /);
    const to =
      signed.text.search(/<\/(?:dsig:)?Signature>/) +
      (signed.text.match(/<\/(?:dsig:)?Signature>/)?.[0].length ?? 0);
    expect(signed.text.slice(0, from) + signed.text.slice(to)).toBe(document);
  });

  it('is wrong where what is signed was changed', () => {
    const { signedText } = sample;
    if (signedText !== undefined) {
      const changed = toUtf8(signed.text.replace(signedText, `${signedText}x`));
      expect(verdictOf({ ...signed, document: changed })).toBe('TOTAL-FAILED xmldsig.digest');
    }
    const [first] = sample.files;
    if (first === undefined) return;
    expect(verdictOf({ ...signed, files: [givenFile(first[0], `${first[1]}x`)] })).toBe(
      'TOTAL-FAILED xmldsig.digest',
    );
    expect(verdictOf({ ...signed, files: [] })).toBe('INDETERMINATE xmldsig.file');
  });

  it('is wrong by another key, and says so of a revoked signer', () => {
    const other = signed.text.replace(
      /(SignatureValue>)(.)/,
      (_, tag, first) => `${tag}${first === 'A' ? 'B' : 'A'}`,
    );
    expect(verdictOf({ ...signed, document: toUtf8(other) })).toBe('TOTAL-FAILED xmldsig.signature');
    expect(
      judgeSample(signed, true).report.checks.find(({ name }) => name === 'revocation-status')?.code,
    ).toBe('certificate.revoked');
  });
});

describe('several signers', () => {
  const both = signSample(EGOV, ['rsa', 'other-rsa']);

  it('each sign the same, the second without changing what the first signed', () => {
    const judgement = judgeSample({ ...both, signers: 2 });
    expect(judgement.report.indication).toBe('TOTAL-PASSED');
    expect(judgement.signers.map(({ outcome }) => outcome.report.indication)).toEqual([
      'TOTAL-PASSED',
      'TOTAL-PASSED',
    ]);
    expect(new Set(judgement.signers.map(({ signer }) => signer.signatureId)).size).toBe(2);
    const alone = signSample(EGOV).text;
    const first = /<Signature [\s\S]*?<\/Signature>/.exec(alone)?.[0] ?? '-';
    expect(both.text).toContain(first);
  });

  it('are refused when fewer signed than were asked for, or one signed twice', () => {
    expect(verdictOf({ ...both, signers: 3 })).toBe('INDETERMINATE xmldsig.other-form');
    expect(verdictOf({ ...signSample(EGOV), signers: 2 })).toBe('INDETERMINATE xmldsig.other-form');
    expect(() => signSample(EGOV, ['rsa', 'rsa'])).toThrow(/same signer/);
  });

  it('one that is wrong decides the whole', () => {
    const at = both.text.lastIndexOf('SignatureValue>', both.text.lastIndexOf('</SignatureValue>') - 1);
    const broken = `${both.text.slice(0, at + 15)}AAAA${both.text.slice(at + 19)}`;
    expect(verdictOf({ ...both, document: toUtf8(broken) })).toBe('TOTAL-FAILED xmldsig.signature');
  });
});

describe('files', () => {
  it('that no Reference covers are listed, and those that the signer only names', () => {
    const named = '<添付書類属性情報><添付書類ファイル名称>t.pdf</添付書類ファイル名称></添付書類属性情報>';
    const document = EGOV.document?.replace('<申請書属性情報>', `${named}<申請書属性情報>`) ?? '';
    const signed = signSample({ ...EGOV, document });
    const { validation, report } = judgeSample({
      ...signed,
      files: [...signed.files, givenFile('t.pdf', 'x')],
    });
    expect(report.indication).toBe('TOTAL-PASSED');
    expect(validation.uncoveredFiles).toEqual(['t.pdf']);
    expect(validation.namedFiles).toEqual(['t.pdf']);
    expect(validation.unsigned.map(({ name }) => name)).toEqual([
      'xml-stylesheet',
      '様式ID',
      '様式バージョン',
      'STYLESHEET',
    ]);
  });
});
