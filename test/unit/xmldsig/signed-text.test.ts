import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../../src/core/encoding.ts';
import { prepareSignature } from '../../../src/core/xmldsig/prepare.ts';
import { signedText } from '../../../src/core/xmldsig/signed-text.ts';

function text(document: string, name: string, profile: 'enveloped' | 'guideline' = 'enveloped') {
  return signedText(prepareSignature(toUtf8(document), { profile }).state, name);
}

describe('the text of one element inside the signed one', () => {
  it.each([
    ['<届出><人><氏名>模擬 太郎</氏名></人></届出>', '氏名', '模擬 太郎'],
    ['<届出 xmlns="urn:x"><氏名>&#x6a21;擬</氏名></届出>', '{urn:x}氏名', '模擬'],
    ['<届出 xmlns="urn:x"><氏名>模擬</氏名></届出>', '{urn:y}氏名', undefined],
    ['<届出><氏名>模擬</氏名><氏名>他人</氏名></届出>', '氏名', undefined],
    ['<届出><人><氏名>模擬</氏名></人><氏名>他人</氏名></届出>', '氏名', undefined],
    ['<届出><氏名>模擬<b/></氏名></届出>', '氏名', undefined],
    ['<届出><氏名>模擬<!-- --></氏名></届出>', '氏名', undefined],
    ['<届出><氏名> \n </氏名></届出>', '氏名', undefined],
    ['<届出><名>模擬</名></届出>', '氏名', undefined],
  ])('%s, %s', (document, name, expected) => {
    expect(text(document, name)).toBe(expected);
  });

  it('what the signature does not cover does not count', () => {
    const document = '<外><氏名>他人</氏名><申請書><氏名>模擬</氏名></申請書></外>';
    expect(text(document, '氏名', 'guideline')).toBe('模擬');
    expect(text('<外><氏名>他人</氏名><申請書>模擬</申請書></外>', '氏名', 'guideline')).toBeUndefined();
  });
});
