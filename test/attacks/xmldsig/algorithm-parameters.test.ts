import { describe, expect, it } from 'vitest';
import { APPLICATION, PROFILES } from '../../support/xmldsig/documents.ts';
import {
  POLICY_REFUSED,
  replaceOnce,
  resign,
  signDocument,
  verdict,
  verify,
} from '../../support/xmldsig/signing.ts';

/** Parameters change what an algorithm does: none is accepted, wherever it stands, though the arithmetic be right. */
describe.each(PROFILES)('parameters of algorithms, profile %s', (profile) => {
  const signed = signDocument(APPLICATION, profile);
  const refused = POLICY_REFUSED;

  describe.each(['CanonicalizationMethod', 'SignatureMethod', 'Transform', 'DigestMethod'])('%s', (name) => {
    const change = (attribute: string, content: string) =>
      resign(
        replaceOnce(
          signed,
          new RegExp(`<${name} (Algorithm="[^"]*")></${name}>`),
          (_, algorithm) => `<${name} ${algorithm}${attribute}>${content}</${name}>`,
        ),
      );

    it('as an element, a comment or text: refused', () => {
      const contents = [
        '<InclusiveNamespaces PrefixList="a"/>',
        '<HMACOutputLength>1</HMACOutputLength>',
        '<!-- -->',
        'x',
      ];
      for (const content of contents) expect(verdict(verify(change('', content), profile))).toMatch(refused);
    });

    it('as an attribute: refused', () => {
      for (const attribute of [' PrefixList="a"', ' Id="a"', ' xml:lang="ja"'])
        expect(verdict(verify(change(attribute, ''), profile))).toMatch(refused);
    });

    it('white space in it is no parameter', () => {
      expect(verdict(verify(change('', '\n  '), profile))).toBe('TOTAL-PASSED');
      expect(verdict(verify(change(' ', ''), profile))).toBe('TOTAL-PASSED');
    });
  });

  it.each(['Id="r"', 'Type="http://www.w3.org/2000/09/xmldsig#Manifest"', 'URI2=""'])(
    'Reference with %s: refused',
    (attribute) => {
      const document = resign(replaceOnce(signed, '<Reference', `<Reference ${attribute}`));
      expect(verdict(verify(document, profile))).toMatch(refused);
    },
  );
});
