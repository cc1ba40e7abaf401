import { describe, expect, it } from 'vitest';
import { signDocument, verify } from '../../support/xmldsig/signing.ts';

const unsigned = (document: string, profile: 'enveloped' | 'by-id' | 'guideline') =>
  verify(signDocument(document, profile), profile).unsigned.map(({ kind, name }) => [kind, name]);

describe('what the signature does not cover', () => {
  const document = '<?p x?><r a="1" xml:lang="ja"><申請書 Id="i">値</申請書>text<other/></r>';

  it('without any comment: everything outside the signed element', () => {
    const outside = [
      ['processing-instruction', 'p'],
      ['attribute', 'a'],
      ['text', undefined],
      ['element', 'other'],
    ];
    expect(unsigned(document, 'by-id')).toEqual(outside);
    expect(unsigned(document, 'guideline')).toEqual(outside);
    expect(unsigned(document, 'enveloped')).toEqual([]);
  });

  it('of a whole document: its comments, inside and outside, and nothing that only looks like one', () => {
    const commented = '<!--1--><r><a><!--2--></a><![CDATA[<!--]]></r>';
    expect(unsigned(commented, 'enveloped')).toEqual([
      ['comment', undefined],
      ['comment', undefined],
    ]);
    expect(unsigned('<r><![CDATA[<!--]]></r>', 'enveloped')).toEqual([]);
  });
});
