import { describe, expect, it } from 'vitest';
import { APPLICATION, PROFILES, SIBLING_PROFILES } from '../../support/xmldsig/documents.ts';
import {
  FORM_REFUSED,
  POLICY_REFUSED,
  replaceOnce,
  resign,
  signDocument,
  verdict,
  verify,
} from '../../support/xmldsig/signing.ts';
import { type EvilId, inside, MOVED, partsOf, XSW } from '../../support/xmldsig/wrapping.ts';

const signed = Object.fromEntries(PROFILES.map((profile) => [profile, signDocument(APPLICATION, profile)]));
const IDS: readonly EvilId[] = ['same', 'other', 'none'];

describe.each(SIBLING_PROFILES)('wrapping (W1 to W10), profile %s', (profile) => {
  const document = signed[profile] ?? '';

  it('leaves a way in for the document itself, put together again', () => {
    const { head, signed: element, between, signature, tail } = partsOf(document, 'same');
    expect(verdict(verify(head + element + between + signature + tail, profile))).toBe('TOTAL-PASSED');
  });

  for (const [name, attack] of Object.entries({ ...XSW, ...MOVED })) {
    it.each(IDS)(`${name}, Id %s`, (id) => {
      expect(verdict(verify(attack(partsOf(document, id)), profile))).toMatch(FORM_REFUSED);
    });
  }
});

describe('wrapping (W1 to W10), profile enveloped', () => {
  const document = signed['enveloped'] ?? '';

  for (const [name, attack] of Object.entries({ ...XSW, ...MOVED })) {
    it(name, () => {
      // Everything but the Signature is signed, so an addition outside it is a change of the signed octets.
      const found = verdict(verify(attack(partsOf(document, 'same')), 'enveloped'));
      if (found !== 'reference-digest xmldsig.digest') expect(found).toMatch(FORM_REFUSED);
    });
  }
});

describe.each(PROFILES)('the shape of the Signature (W11 to W16), profile %s', (profile) => {
  const document = signed[profile] ?? '';
  const { head, signed: element, between, signature, tail } = partsOf(document, 'same');
  const withSignature = (text: string) => head + element + between + text + tail;
  const within = (pattern: string | RegExp, by: string) =>
    withSignature(replaceOnce(signature, pattern, () => by));

  it.each<[string, string]>([
    ['absent', withSignature('')],
    ['commented out', withSignature(`<!--${signature}-->`)],
    ['in a CDATA section', withSignature(`<![CDATA[${signature}]]>`)],
    ['empty value', within(/<SignatureValue>[^<]*/, '<SignatureValue>')],
  ])('W11 Signature %s: unsigned', (_, attack) => {
    expect(verdict(verify(attack, profile))).toBe('shape xmldsig.unsigned');
  });

  const signedInfo = /<SignedInfo>.*<\/SignedInfo>/s.exec(signature)?.[0] ?? '';
  const evilInfo = replaceOnce(signedInfo, /<DigestValue>[^<]*/, () => `<DigestValue>${'A'.repeat(43)}=`);
  const digestValue = /<DigestValue>[^<]*<\/DigestValue>/.exec(signature)?.[0] ?? '';

  it.each<[string, string]>([
    ['W11 no SignatureValue', within(/<SignatureValue>[^<]*<\/SignatureValue>/, '')],
    ['W12 Id on the Signature', within('<Signature', '<Signature Id="application"')],
    ['W12 Id on SignedInfo', within('<SignedInfo', '<SignedInfo Id="s"')],
    ['W12 Id on SignatureValue', within('<SignatureValue', '<SignatureValue Id="v"')],
    ['W13 evil SignedInfo first', within('<SignedInfo>', `${evilInfo}<SignedInfo>`)],
    ['W13 evil SignedInfo last', within('<SignatureValue>', `${evilInfo}<SignatureValue>`)],
    ['W13 SignedInfo nested', within('</SignedInfo>', `${evilInfo}</SignedInfo>`)],
    ['W13 SignedInfo in an Object', within('</Signature>', `<Object>${evilInfo}</Object></Signature>`)],
    ['W13 SignedInfo of a foreign namespace', within('<SignedInfo>', '<SignedInfo xmlns="urn:evil">')],
    ['W14 comment in DigestValue', within('<DigestValue>', '<DigestValue><!--x-->')],
    ['W14 PI in DigestValue', within('</DigestValue>', '<?x y?></DigestValue>')],
    ['W14 CDATA in DigestValue', within(/<DigestValue>([^<]*)/, '<DigestValue><![CDATA[AAAA]]>')],
    ['W14 element in DigestValue', within('</DigestValue>', '<x/></DigestValue>')],
    ['W14 two DigestValues', within('<DigestValue>', `${digestValue}<DigestValue>`)],
    ['W15 comment in SignatureValue', within('</SignatureValue>', '<!--x--></SignatureValue>')],
    ['W15 text after SignatureValue', within('</SignatureValue>', '</SignatureValue>AAAA')],
    [
      'W15 two SignatureValues',
      within('<SignatureValue>', '<SignatureValue>AAAA</SignatureValue><SignatureValue>'),
    ],
    [
      'W16 methods outside SignedInfo',
      within(
        /<SignedInfo>(.*?)<Reference/s,
        '<CanonicalizationMethod Algorithm="x"/><SignatureMethod Algorithm="y"/><SignedInfo><Reference',
      ),
    ],
    [
      'W16 methods one level down',
      within(
        /<CanonicalizationMethod[^>]*><\/CanonicalizationMethod>/,
        '<x><CanonicalizationMethod Algorithm="x"/></x>',
      ),
    ],
    ['K5 two certificates', within('</X509Data>', '<X509Certificate>AAAA</X509Certificate></X509Data>')],
    [
      'K5 two X509Data',
      within('</KeyInfo>', '<X509Data><X509Certificate>AAAA</X509Certificate></X509Data></KeyInfo>'),
    ],
    ['K5 KeyValue beside X509Data', within('</KeyInfo>', '<KeyValue/></KeyInfo>')],
    ['K5 KeyName', within('<X509Data>', '<KeyName>me</KeyName><X509Data>')],
    ['K5 RetrievalMethod', within('<X509Data>', '<RetrievalMethod URI="http://127.0.0.1:1/"/><X509Data>')],
    ['K5 no certificate', within(/<X509Certificate>[^<]*/, '<X509Certificate>')],
    ['KeyInfo absent', within(/<KeyInfo>.*<\/KeyInfo>/s, '')],
    ['comment between the children', within('<SignatureValue>', '<!--x--><SignatureValue>')],
    ['Object at the end', within('</Signature>', '<Object/></Signature>')],
  ])('%s: shape', (_, attack) => {
    expect(verdict(verify(attack, profile))).toMatch(FORM_REFUSED);
  });

  it('white space between the children is no attack, and signed where it is signed', () => {
    const spaced = signature.replaceAll('><', '>\n  <');
    expect(verdict(verify(resign(withSignature(spaced)), profile))).toBe('TOTAL-PASSED');
    expect(verdict(verify(withSignature(spaced), profile))).toBe('signature-value xmldsig.signature');
    const outside = replaceOnce(
      signature,
      '</SignedInfo><SignatureValue>',
      '</SignedInfo>\n<SignatureValue>',
    );
    expect(verdict(verify(withSignature(outside), profile))).toBe('TOTAL-PASSED');
  });
});

describe('Ids (W12), profile by-id', () => {
  const document = signed['by-id'] ?? '';
  const { head, signed: element, between, signature, tail } = partsOf(document, 'same');

  it.each<[string, string]>([
    ['duplicate Id', `${head}<他 Id="application"/>${element}${between}${signature}${tail}`],
    ['same value in ID', `${head}<他 ID="application"/>${element}${between}${signature}${tail}`],
    ['same value in id', `${head}<他 id="application"/>${element}${between}${signature}${tail}`],
    ['same value in xml:id', `${head}<他 xml:id="application"/>${element}${between}${signature}${tail}`],
    ['same value deep inside', head + inside(element, '<他 Id="application"/>') + signature + tail],
    [
      'Id moved to another element',
      `${head}<他 Id="application"/>${element.replace(' Id="application"', '')}${signature}${tail}`,
    ],
    ['two children with Ids', `${head}<他 Id="other"/>${element}${signature}${tail}`],
  ])('%s: shape', (name, attack) => {
    const moved = name === 'Id moved to another element';
    expect(verdict(verify(attack, 'by-id'))).toMatch(
      moved ? /^reference-digest xmldsig.digest$/ : FORM_REFUSED,
    );
  });

  it('a caller who names the element is not led to another', () => {
    const moved = `${head}<他 Id="application"/>${element.replace(' Id="application"', '')}${signature}${tail}`;
    expect(verdict(verify(moved, 'by-id', { signedElement: { name: '申請書' } }))).toMatch(FORM_REFUSED);
    const siblings = `${head}<他 Id="other"/>${element}${between}${signature}${tail}`;
    expect(verdict(verify(siblings, 'by-id', { signedElement: { id: 'application' } }))).toBe('TOTAL-PASSED');
    expect(verdict(verify(siblings, 'by-id', { signedElement: { id: 'other' } }))).toMatch(POLICY_REFUSED);
  });
});
