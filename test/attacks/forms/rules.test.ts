import { createHash, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { C14N_1_0 } from '../../../src/core/c14n/algorithms.ts';
import { canonicalOctets } from '../../../src/core/c14n/canonicalize.ts';
import { toUtf8 } from '../../../src/core/encoding.ts';
import { fileNameFault, sameNames } from '../../../src/core/forms/file-names.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';
import {
  FORM_SAMPLES,
  type FormSample,
  givenFile,
  signSample,
  verdictOf,
} from '../../support/xmldsig/forms.ts';
import { testSigner } from '../../support/xmldsig/signers.ts';
import { resign } from '../../support/xmldsig/signing.ts';

const OTHER_FORM = 'INDETERMINATE xmldsig.other-form';
const [EGOV] = FORM_SAMPLES as readonly [FormSample];
const NAME = '申請 1.xml';
const sha256 = (octets: Uint8Array | string) => createHash('sha256').update(octets).digest('base64');

/** Digests 構成情報 as it stands now and signs SignedInfo again: whatever refuses it then is a rule, not arithmetic. */
function honest(text: string): string {
  const document = parseXml(toUtf8(text));
  const [element] = document.elementsNamed('', '構成情報');
  if (element === undefined) throw new Error('no 構成情報');
  const digest = sha256(canonicalOctets(document, { kind: 'element', element }, { algorithm: C14N_1_0 }));
  return resign(text.replace(/(<DigestValue>)[^<]*/, (_, tag) => `${tag}${digest}`));
}

const signed = signSample(EGOV);
const judged = (text: string, files = signed.files) =>
  verdictOf({ ...signed, document: toUtf8(text), files });

describe('rule 5: names of files', () => {
  const renamed = (name: string, uri: string) =>
    honest(signed.text.replace(NAME, name.replace('&', '&amp;')).replace(encodeURIComponent(NAME), uri));

  it('an honest document with another name passes, so that the name alone is what is refused below', () => {
    expect(judged(renamed('b.xml', 'b.xml'), [givenFile('b.xml', '<a/>')])).toBe('TOTAL-PASSED');
  });

  it.each([
    ...[
      '../a.xml',
      'a/b.xml',
      'a\\b.xml',
      'c:a.xml',
      'a?.xml',
      'a#.xml',
      '.a.xml',
      'a.xml.',
      '..',
      '.',
      ' a',
      'a ',
    ],
    ...['a\u202e.xml', 'a\u2066.xml', 'a\u0085.xml', 'a\u007f.xml', `${'a'.repeat(256)}`],
  ])('%s is refused though its digest and value are right', (name) => {
    expect(fileNameFault(name)).toBeDefined();
    for (const uri of [encodeURIComponent(name), name.replace('&', '&amp;')])
      expect(judged(renamed(name, uri), [givenFile(name, '<a/>')])).toBe(OTHER_FORM);
  });

  it('two names that a file system or a person takes for one are found', () => {
    expect(sameNames(['が.xml', 'か\u3099.xml'])).toBeDefined();
    expect(sameNames(['A.xml', 'a.XML'])).toBeDefined();
    expect(sameNames(['ẞ.xml', 'ss.xml', 'ß.xml'])).toBeDefined();
    expect(sameNames(['a.xml', 'b.xml', 'ａ.xml'])).toBeUndefined();
  });
});

describe('rule 7: the References and the names are the same set', () => {
  const reference = (uri: string, digest: string) =>
    `<Reference URI="${uri}"><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>` +
    `<DigestValue>${digest}</DigestValue></Reference>`;
  const last = (text: string, more: string) => text.replace('</SignedInfo>', `${more}</SignedInfo>`);

  it('a Reference more, to a file that is given and whose digest is right: another form', () => {
    const extra = givenFile('more.xml', '<m/>');
    const text = honest(last(signed.text, reference('more.xml', sha256('<m/>'))));
    expect(judged(text, [...signed.files, extra])).toBe(OTHER_FORM);
  });

  it('the same file once more, in the same and in another spelling: another form', () => {
    for (const uri of [encodeURIComponent(NAME), encodeURIComponent(NAME).replace('.', '%2E'), NAME])
      expect(judged(honest(last(signed.text, reference(uri, sha256('<a/>')))))).toBe(OTHER_FORM);
  });

  it('no Reference to the element, or the file first: not this form', () => {
    const [element = '', file = ''] = signed.text.match(/<Reference[\s\S]*?<\/Reference>/g) ?? [];
    expect(judged(resign(signed.text.replace(element, '')))).toMatch(/^INDETERMINATE xmldsig\./);
    const turned = signed.text.replace(element + file, file + element);
    expect(turned).not.toBe(signed.text);
    expect(judged(resign(turned))).toMatch(/^INDETERMINATE xmldsig\./);
  });
});

describe('rule 9: every Signature is judged, and none stands elsewhere', () => {
  const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
  const [signature = ''] = /<Signature [\s\S]*<\/Signature>/.exec(signed.text) ?? [];
  const inside = (place: string, markup: string) => honest(signed.text.replace(place, `${markup}${place}`));

  it.each<readonly [string, string, string]>([
    ['in what is signed', '</構成情報>', signature],
    ['in what is signed, empty', '</構成情報>', `<Signature xmlns="${DSIG}"/>`],
    ['in what is signed, without a namespace', '</構成情報>', '<Signature/>'],
    ['in an element that need not be signed', '</様式ID>', signature],
    ['before the first place', '<様式ID>', signature],
    ['last in the document element', '</DataRoot>', signature],
    ['in another element after it', '</DataRoot>', `<その他>${signature}</その他>`],
    ['inside of KeyInfo', '</KeyInfo>', signature],
    ['inside of the Signature', '</Signature>', `<Object>${signature}</Object>`],
  ])('a Signature %s: another form', (_where, place, markup) => {
    expect(inside(place, markup)).not.toBe(signed.text);
    expect(judged(inside(place, markup))).toMatch(/^INDETERMINATE xmldsig\.(?:other-form|shape|key-info)$/);
  });

  const both = signSample(EGOV, ['rsa', 'other-rsa']);
  const second = both.text.lastIndexOf('<Signature ');

  it('one of two that is wrong decides the whole, whichever it is', () => {
    expect(verdictOf({ ...both, signers: 2 })).toBe('TOTAL-PASSED');
    const wrong = (text: string) =>
      text.replace(/(SignatureValue>)(.)/, (_, tag, c) => `${tag}${c === 'A' ? 'B' : 'A'}`);
    const parts = [both.text.slice(0, second), both.text.slice(second)] as const;
    for (const text of [wrong(parts[0]) + parts[1], parts[0] + wrong(parts[1])])
      expect(verdictOf({ ...both, document: toUtf8(text) })).toBe('TOTAL-FAILED xmldsig.signature');
  });

  it('the second has signed something else, honestly: another form', () => {
    const files = [...both.files, givenFile('other.xml', '<o/>')];
    const other = both.text
      .slice(second)
      .replace(encodeURIComponent(NAME), 'other.xml')
      .replace(sha256('<a/>'), sha256('<o/>'));
    const text = both.text.slice(0, second) + resignedLast(both.text.slice(0, second), other);
    expect(verdictOf({ ...both, document: toUtf8(text), files })).toBe(OTHER_FORM);
  });

  it('fewer or more than asked for, and the same signer twice: refused', () => {
    expect(verdictOf({ ...signed, signers: 2 })).toBe(OTHER_FORM);
    expect(verdictOf({ ...both, signers: 1 })).toBe(OTHER_FORM);
    expect(() => signSample(EGOV, ['rsa', 'rsa'])).toThrow();
  });

  /** Signs the last SignedInfo of a document again by the second signer. */
  function resignedLast(before: string, rest: string): string {
    const document = parseXml(toUtf8(before + rest));
    const element = document.elementsNamed(DSIG, 'SignedInfo').at(-1);
    if (element === undefined) throw new Error('no SignedInfo');
    const octets = canonicalOctets(document, { kind: 'element', element }, { algorithm: C14N_1_0 });
    const value = sign('sha256', octets, testSigner('other-rsa').privateKey).toString('base64');
    return rest.replace(/(<SignatureValue>)[^<]*/, (_, tag) => `${tag}${value}`);
  }
});
