import type { Check } from '../../core/report.ts';
import type { Bilingual } from '../bilingual.ts';

/** The checks of a report in words; one without a word here is shown by its name. */
const CHECKS: Readonly<Record<string, Bilingual>> = {
  size: { ja: '大きさ', en: 'Size' },
  encoding: { ja: '文字コード(UTF-8)', en: 'Encoding (UTF-8)' },
  'well-formed': { ja: 'XMLとしての正しさ', en: 'Well-formed XML' },
  shape: { ja: '署名の形', en: 'Shape of the signature' },
  'algorithm-policy': { ja: '署名の方式', en: 'Algorithms' },
  'certificate-syntax': { ja: '電子証明書の形式', en: 'Form of the certificate' },
  'key-policy': { ja: '鍵の強さ', en: 'Strength of the key' },
  'signature-value': { ja: '署名値', en: 'Signature value' },
  'reference-digest': {
    ja: '文書が署名の後に変わっていないこと',
    en: 'Document unchanged since it was signed',
  },
  'certification-path': { ja: '電子証明書の発行元', en: 'Issuer of the certificate' },
  'validity-period': { ja: '電子証明書の有効期間', en: 'Validity period' },
  'jpki-profile': { ja: '署名用電子証明書であること', en: 'A JPKI signing certificate' },
  revocation: { ja: '電子証明書の失効の有無', en: 'Revocation' },
};

const RESULTS: Readonly<Record<Check['result'], Bilingual & { readonly mark: string }>> = {
  passed: { mark: '✓', ja: '問題なし', en: 'passed' },
  failed: { mark: '✕', ja: '不合格', en: 'failed' },
  indeterminate: { mark: '?', ja: '判断できません', en: 'could not be decided' },
  'not-reached': { mark: '–', ja: '確かめていません', en: 'not reached' },
};

export function checkName(name: string): Bilingual {
  return CHECKS[name] ?? { ja: name, en: '' };
}

export function resultName(result: Check['result']): Bilingual & { readonly mark: string } {
  return RESULTS[result];
}
