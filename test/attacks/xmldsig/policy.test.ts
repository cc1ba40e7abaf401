import { describe, expect, it } from 'vitest';
import { APPLICATION, PROFILES } from '../../support/xmldsig/documents.ts';
import {
  FORM_REFUSED,
  POLICY_REFUSED,
  replaceOnce,
  resign,
  rsa,
  type Signing,
  signDocument,
  verdict,
  verify,
} from '../../support/xmldsig/signing.ts';

const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const RSA_SHA256 = `${MORE}rsa-sha256`;
const C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const POLICY = POLICY_REFUSED;

/** Every attack here is signed honestly with the right key: only the policy stands in its way. */
describe.each(PROFILES)('algorithm policy (W17 to W19, S1 to S3), profile %s', (profile) => {
  const document = signDocument(APPLICATION, profile);
  const attack = (pattern: string | RegExp, by: string, signing?: Signing) =>
    verdict(
      verify(
        resign(
          replaceOnce(document, pattern, () => by),
          signing === undefined ? {} : { signing },
        ),
        profile,
      ),
    );
  const signatureMethod = (uri: string, signing?: Signing) => attack(`"${RSA_SHA256}"`, `"${uri}"`, signing);

  it('the way of signing used here is good by itself', () => {
    expect(verdict(verify(resign(document), profile))).toBe('TOTAL-PASSED');
  });

  it.each<[string, Signing]>([
    [`${DSIG}rsa-sha1`, rsa('sha1')],
    [`${MORE}rsa-md5`, rsa('md5')],
    [`${DSIG}dsa-sha1`, rsa('sha1')],
    ['http://www.w3.org/2007/05/xmldsig-more#rsa-pss', rsa('sha256')],
  ])('S1 SignatureMethod %s', (uri, signing) => {
    expect(signatureMethod(uri, signing)).toMatch(POLICY);
  });

  it.each([
    `${DSIG}hmac-sha1`,
    `${MORE}hmac-sha256`,
    '',
    'none',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    RSA_SHA256.toUpperCase(),
    ` ${RSA_SHA256}`,
    `${RSA_SHA256} `,
    `${RSA_SHA256}&#10;`,
    `${RSA_SHA256}#`,
    'rsa-sha256',
  ])('S2 SignatureMethod "%s"', (uri) => {
    expect(signatureMethod(uri)).toMatch(POLICY);
  });

  it.each([
    '<HMACOutputLength>0</HMACOutputLength>',
    '<HMACOutputLength>8</HMACOutputLength>',
    'text',
    '<!--x-->',
  ])('S2 SignatureMethod with content %s', (content) => {
    const by = `<SignatureMethod Algorithm="${RSA_SHA256}">${content}<`;
    expect(attack(/<SignatureMethod Algorithm="[^"]*"></, by)).toMatch(POLICY);
  });

  it.each([
    `${DSIG}sha1`,
    `${MORE}md5`,
    'http://www.w3.org/2001/04/xmlenc#sha512',
    '__proto__',
    SHA256.toUpperCase(),
  ])('S1 DigestMethod %s', (uri) => {
    expect(attack(`"${SHA256}"`, `"${uri}"`)).toMatch(POLICY);
  });

  it.each([
    'http://www.w3.org/2001/10/xml-exc-c14n#',
    `${C14N}#WithComments`,
    'http://www.w3.org/2006/12/xml-c14n11',
    '__proto__',
    '',
  ])('S3 CanonicalizationMethod %s', (uri) => {
    expect(
      attack(`CanonicalizationMethod Algorithm="${C14N}"`, `CanonicalizationMethod Algorithm="${uri}"`),
    ).toMatch(POLICY);
  });

  it.each([
    '',
    '<Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></Transform>',
    `<Transform Algorithm="${C14N}#WithComments"></Transform>`,
    `<Transform Algorithm="${C14N}"></Transform>`.repeat(2),
    `<Transform Algorithm="${DSIG}enveloped-signature"></Transform>`,
    `<Transform Algorithm="${DSIG}enveloped-signature"></Transform>`.repeat(2),
    '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><XPath>false()</XPath></Transform>',
    '<Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2"><XPath Filter="subtract">/</XPath></Transform>',
    '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><stylesheet/></Transform>',
    `<Transform Algorithm="${DSIG}base64"></Transform>`,
    '<Transform Algorithm="urn:unknown"></Transform>',
    `<Transform Algorithm="${C14N}"></Transform>`.repeat(3000),
  ])('W18 transforms %#', (transforms) => {
    expect(attack(/<Transforms>.*<\/Transforms>/s, `<Transforms>${transforms}</Transforms>`)).toMatch(POLICY);
  });

  it('W18 a transform of the list with a parameter', () => {
    expect(
      attack(`<Transform Algorithm="${C14N}">`, `<Transform Algorithm="${C14N}"><XPath>x</XPath>`),
    ).toMatch(POLICY);
    expect(attack(`<Transform Algorithm="${C14N}">`, `<Transform Algorithm="${C14N}" Extra="x">`)).toMatch(
      POLICY,
    );
  });

  it('W19 the other order of the list', () => {
    const enveloped = `<Transform Algorithm="${DSIG}enveloped-signature"></Transform>`;
    const c14n = `<Transform Algorithm="${C14N}"></Transform>`;
    const swapped = profile === 'guideline' ? enveloped + c14n : c14n + enveloped;
    expect(attack(/<Transforms>.*<\/Transforms>/s, `<Transforms>${swapped}</Transforms>`)).toMatch(POLICY);
  });

  const reference = /<Reference.*<\/Reference>/s.exec(document)?.[0] ?? '';

  it.each<[string, string]>([
    ['no Reference', ''],
    ['two References', reference + reference],
    ['3,000 References', reference.repeat(3000)],
  ])('W17 %s', (_, by) => {
    expect(attack(/<Reference.*<\/Reference>/s, by)).toMatch(POLICY);
  });

  it.each([
    'URI="http://127.0.0.1:1/canary"',
    'URI="file:///etc/hostname"',
    'URI="#object"',
    'URI="#xpointer(/)"',
    'URI="#xpointer(id(\'application\'))"',
    'URI="#APPLICATION"',
    'URI=" "',
    'URI="" Type="http://www.w3.org/2000/09/xmldsig#Manifest"',
    'URI="#application" Type="http://www.w3.org/2000/09/xmldsig#Object"',
    'URI="#application" Id="r"',
    'Type="http://www.w3.org/2000/09/xmldsig#Manifest"',
  ])('W17 Reference %s', (attributes) => {
    expect(attack(/<Reference[^>]*>/, `<Reference ${attributes}>`)).toMatch(POLICY);
  });

  it('W17 the URI of another profile', () => {
    for (const other of ['', ' URI=""', ' URI="#application"']) {
      const same = /<Reference([^>]*)>/.exec(document)?.[1] === other;
      if (!same) expect(attack(/<Reference[^>]*>/, `<Reference${other}>`)).toMatch(POLICY);
    }
  });

  it.each<[string, string | RegExp, string]>([
    ['SignatureMethod', /SignatureMethod Algorithm="[^"]*"/, 'SignatureMethod'],
    ['DigestMethod', /DigestMethod Algorithm="[^"]*"/, 'DigestMethod'],
    ['Transform', /<Transform Algorithm="[^"]*"/, '<Transform'],
  ])('%s without Algorithm: shape', (_, pattern, by) => {
    expect(attack(pattern, by)).toMatch(FORM_REFUSED);
  });
});
