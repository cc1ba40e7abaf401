import { describe, expect, it } from 'vitest';
import { FORM_REFUSED, replaceOnce, signDocument, verdict, verify } from '../../support/xmldsig/signing.ts';

const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const application = (content: string) =>
  `<r xmlns="urn:example:application"><申請書><氏名>試験</氏名></申請書>${content}</r>`;
const signed = (content: string) => {
  const document = signDocument(application('<place/>'), 'enveloped');
  return replaceOnce(document, '<place/>', content);
};

/** The content was changed after signing, so a document that is let through to the digest says so: the form was accepted. */
const ACCEPTED_FORM = 'reference-digest xmldsig.digest';
const REFUSED_FORM = FORM_REFUSED;

describe('another element that some reader could take for the Signature', () => {
  it.each([
    ['in no namespace', '<Signature xmlns=""/>'],
    ['in the default namespace of the document', '<Signature/>'],
    ['of XML Signature with a prefix', `<ds:Signature xmlns:ds="${DSIG}"/>`],
    [
      'of XML Signature with a long prefix',
      `<署名.a-1:Signature xmlns:署名.a-1="${DSIG}"></署名.a-1:Signature>`,
    ],
    ['deep in the document', '<a><b><Signature xmlns="" a="1">x</Signature></b></a>'],
    ['with white space after the name', '<Signature\n\t/>'],
    ['after a comment that looks like it', '<!-- <Signature/> --><Signature/>'],
  ])('%s: refused by form', (_, content) => {
    expect(verdict(verify(signed(content), 'enveloped'))).toMatch(REFUSED_FORM);
  });

  it.each([
    ['in a foreign namespace', '<Signature xmlns="urn:example:other"/>'],
    ['with a foreign prefix', '<o:Signature xmlns:o="urn:example:other"/>'],
    ['a longer name', '<SignatureValue xmlns=""/>'],
    ['a name that ends so', '<MySignature/>'],
    ['in a comment', '<!--<Signature/>-->'],
    ['in CDATA', '<a><![CDATA[<Signature></Signature>]]></a>'],
    ['in a processing instruction', '<?p <Signature/>?>'],
    ['in an attribute', '<a b="Signature"/>'],
    ['in text', '<a>Signature :Signature a:Signature</a>'],
    ['a prefix', '<Signature:a xmlns:Signature="urn:example:other"/>'],
  ])('%s: not one', (_, content) => {
    const verdictFound = verdict(verify(signed(content), 'enveloped'));
    expect(verdictFound === 'TOTAL-PASSED' ? ACCEPTED_FORM : verdictFound).toBe(ACCEPTED_FORM);
  });
});
