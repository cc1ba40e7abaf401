import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../../src/core/encoding.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';
import { hasNoAttributes, onlyAttribute } from '../../../src/core/xmldsig/only-attribute.ts';
import { APPLICATION, PROFILES } from '../../support/xmldsig/documents.ts';
import {
  POLICY_REFUSED,
  replaceOnce,
  resign,
  signDocument,
  verdict,
  verify,
} from '../../support/xmldsig/signing.ts';

const rootOf = (document: string) => parseXml(toUtf8(document)).root;

describe('onlyAttribute', () => {
  it.each<[string, string | undefined, boolean]>([
    ['<a/>', undefined, false],
    ['<a></a>', undefined, false],
    ['<a ></a>', undefined, false],
    ['<a URI="#x"></a>', '#x', false],
    ['<a URI=""></a>', '', false],
    ['<a URI="#x"/>', '#x', false],
    ["<a URI='#x'></a>", '#x', false],
    ['<a  URI = "#x" ></a>', '#x', false],
    ['<a URI="#x" xmlns:p="urn:p"></a>', '#x', false],
    ['<p:a xmlns:p="urn:p" URI="#x"></p:a>', '#x', false],
    ['<a URI="#&#x78;"></a>', '#x', false],
    ['<a URI="&amp;"></a>', '&', false],
    ['<a URI="a\tb"></a>', 'a b', false],
    ['<a URI="a\nb"></a>', 'a b', false],
    ['<a URI="申請"></a>', '申請', false],
    ['<a URI="a>b"></a>', 'a>b', false],
    ['<a URI="#x" b="1"></a>', '#x', true],
    ['<a b="1" URI="#x"></a>', '#x', true],
    ['<a b="1"></a>', undefined, true],
    ['<a URL="#x"></a>', undefined, true],
    ['<a URI2="#x"></a>', undefined, true],
    ['<a uri="#x"></a>', undefined, true],
    ['<a p:URI="#x" xmlns:p="urn:p"></a>', undefined, true],
    ['<a xml:URI="#x" URI="#y"></a>', '#y', true],
  ])('%s', (document, value, others) => {
    const root = rootOf(document);
    expect(onlyAttribute(root, 'URI')).toEqual({ value, others });
    expect(hasNoAttributes(root)).toBe(value === undefined && !others);
  });
});

describe('attributes of a Signature in another spelling', () => {
  it.each(PROFILES)(
    'profile %s: a reference in Algorithm is the character; white space is not nothing',
    (profile) => {
      const signed = signDocument(APPLICATION, profile);
      const spelled = resign(replaceOnce(signed, 'Algorithm="http:', 'Algorithm="http&#x3A;'));
      expect(verdict(verify(spelled, profile))).toBe('TOTAL-PASSED');
      const spaced = resign(replaceOnce(signed, 'Algorithm="http:', 'Algorithm=" http:'));
      expect(verdict(verify(spaced, profile))).toMatch(POLICY_REFUSED);
    },
  );
});
