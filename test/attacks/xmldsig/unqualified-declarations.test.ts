import { describe, expect, it } from 'vitest';
import { APPLICATION } from '../../support/xmldsig/documents.ts';
import { FORM_REFUSED, replaceOnce, signDocument, verdict, verify } from '../../support/xmldsig/signing.ts';

/** Profile guideline: inside an unqualified Signature no namespace is declared, so that every reader sees the same names. */
describe('declarations inside an unqualified Signature', () => {
  const qualified = signDocument('<r xmlns="urn:x"><申請書>値</申請書></r>', 'guideline');
  const plain = signDocument(APPLICATION, 'guideline');

  it.each([
    ['the same default namespace again', qualified, 'xmlns="urn:x"'],
    ['no namespace, where there is none', plain, 'xmlns=""'],
    ['a prefix', plain, 'xmlns:p="urn:p"'],
    ['another default namespace', plain, 'xmlns="urn:y"'],
    ['the namespace of XML Signature', plain, 'xmlns="http://www.w3.org/2000/09/xmldsig#"'],
  ])('%s', (_, document, declaration) => {
    for (const name of ['Signature', 'SignedInfo', 'Reference', 'SignatureValue', 'X509Data']) {
      const declared = replaceOnce(document, `<${name}>`, `<${name} ${declaration}>`);
      // A Signature in a foreign namespace is none at all.
      const code =
        name === 'Signature' && declaration.includes('urn:y') ? 'xmldsig.unsigned' : 'xmldsig.other-form';
      expect(verdict(verify(declared, 'guideline')), name).toMatch(
        code === 'xmldsig.unsigned' ? /^shape xmldsig.unsigned$/ : FORM_REFUSED,
      );
    }
  });

  it('both documents are good without them', () => {
    expect(verdict(verify(qualified, 'guideline'))).toBe('TOTAL-PASSED');
    expect(verdict(verify(plain, 'guideline'))).toBe('TOTAL-PASSED');
  });
});
