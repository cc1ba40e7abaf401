import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../../src/core/encoding.ts';
import { readForm } from '../../../src/core/forms/read-form.ts';
import { SHIPPED_FORM_FILES } from '../../../src/core/forms/shipped.ts';
import {
  FORM_SAMPLES,
  type FormSample,
  givenFile,
  judgeSample,
  type SignedSample,
  signSample,
  verdictOf,
} from '../../support/xmldsig/forms.ts';
import { resign } from '../../support/xmldsig/signing.ts';

const OTHER_FORM = /^INDETERMINATE xmldsig\.(?:other-form|policy|key-info)$/;
const REFUSED = /^(?:INDETERMINATE|TOTAL-FAILED) (?:xml|xmldsig|base64)\./;
const SIGNATURE = /<((?:dsig:)?)Signature [\s\S]*<\/(?:dsig:)?Signature>/;

/** Documents whose Signature was made again honestly: only the form can refuse them. */
const RESIGNED: Readonly<Record<string, (text: string, sample: FormSample) => string>> = {
  'a Reference more, to nothing that the form has': (text) =>
    text.replace(
      /<(dsig:)?Reference[\s\S]*?<\/(dsig:)?Reference>/,
      (one) => `${one}${one.replace(/URI="[^"]*"/, 'URI="#x"')}`,
    ),
  'the same Reference twice': (text) =>
    text.replace(/<(dsig:)?Reference[\s\S]*?<\/(dsig:)?Reference>/, (one) => one + one),
  'no Reference': (text) => text.replace(/<(dsig:)?Reference[\s\S]*<\/(dsig:)?Reference>/, ''),
  'a Reference to a URL': (text) => text.replace(/URI="[^"]*"/, 'URI="https://example.jp/a.xml"'),
  'a Reference to a file above': (text) => text.replace(/URI="[^"]*"/, 'URI="../../etc/passwd"'),
  'a Reference without URI': (text) => text.replace(/ URI="[^"]*"/, ''),
  'a Reference to everything': (text) => text.replace(/URI="[^"]*"/, 'URI=""'),
  'lower-case hex, or another spelling of the URI': (text) =>
    text.replace(
      /URI="([^"]*)"/,
      (_, uri: string) =>
        `URI="${uri.includes('%') ? uri.toLowerCase() : `${uri.slice(0, -1)}%${uri.charCodeAt(uri.length - 1).toString(16)}`}"`,
    ),
  XPath: (text) => withTransform(text, 'http://www.w3.org/TR/1999/REC-xpath-19991116', '<x>false()</x>'),
  XSLT: (text) => withTransform(text, 'http://www.w3.org/TR/1999/REC-xslt-19991116'),
  base64: (text) => withTransform(text, 'http://www.w3.org/2000/09/xmldsig#base64'),
  'exclusive C14N': (text) => withTransform(text, 'http://www.w3.org/2001/10/xml-exc-c14n#'),
  'SHA-1 as DigestMethod': (text) =>
    text.replace(/http:\/\/www\.w3\.org\/2001\/04\/xmlenc#sha256/, 'http://www.w3.org/2000/09/xmldsig#sha1'),
  'HMAC as SignatureMethod': (text) =>
    text.replace('2001/04/xmldsig-more#rsa-sha256', '2001/04/xmldsig-more#hmac-sha256'),
  'an Object in the Signature': (text) =>
    text.replace(/(<\/(dsig:)?KeyInfo>)/, '$1<Object xmlns="http://www.w3.org/2000/09/xmldsig#"/>'),
  'an attribute on Reference': (text) => text.replace(/Reference URI/, 'Reference Type="x" URI'),
  'another prefix': (text, { form }) =>
    form === 'nta-certificate'
      ? text.replaceAll('dsig:', 'd:').replace('xmlns:dsig', 'xmlns:d')
      : text.replace(SIGNATURE, (all) =>
          all.replace(/<(\/?)(?=[A-Z])/g, '<$1ds:').replace('xmlns=', 'xmlns:ds='),
        ),
};

function withTransform(text: string, uri: string, content = ''): string {
  const prefix = /<(dsig:)?Reference/.exec(text)?.[1] ?? '';
  const transform = `<${prefix}Transform Algorithm="${uri}">${content}</${prefix}Transform>`;
  return text.includes(`<${prefix}Transforms>`)
    ? text.replace(`<${prefix}Transforms>`, `<${prefix}Transforms>${transform}`)
    : text.replace(
        new RegExp(`<${prefix}DigestMethod`),
        `<${prefix}Transforms>${transform}</${prefix}Transforms><${prefix}DigestMethod`,
      );
}

/** Documents that were changed around a Signature that stays as it is. */
const CHANGED: Readonly<Record<string, (text: string) => string>> = {
  'no Signature': (text) => text.replace(SIGNATURE, ''),
  'the Signature twice': (text) => text.replace(SIGNATURE, (one) => one + one),
  'the Signature commented out': (text) => text.replace(SIGNATURE, (one) => `<!--${one}-->`),
  'a comment in DigestValue': (text) => text.replace(/(DigestValue>)/, '$1<!---->'),
  'text beside the Signature': (text) => text.replace(SIGNATURE, (one) => `${one}x`),
  'a document type': (text) => text.replace(/(\?>\s*|^)(?=<(?!\?))/, '$1<!DOCTYPE x>'),
  'an entity': (text) =>
    text.replace(/(\?>\s*|^)(?=<(?!\?))/, '$1<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'),
  'XML 1.1': (text) => `<?xml version="1.1"?>${text.replace(/^<\?xml[^>]*\?>\n?/, '')}`,
  'a second root': (text) => `${text}<x/>`,
  'a cut end': (text) => text.slice(0, -3),
  'a Signature of another namespace beside it': (text) =>
    text.replace(SIGNATURE, (one) => `${one}<Signature xmlns=""/>`),
};

describe.each(FORM_SAMPLES)('form $form', (sample) => {
  const signed = signSample(sample);
  const judged = (text: string) => verdictOf({ ...signed, document: toUtf8(text) });

  it('passes as it was signed, and when it is signed again', () => {
    expect(judged(signed.text)).toBe('TOTAL-PASSED');
    expect(judged(resign(signed.text))).toBe('TOTAL-PASSED');
  });

  it.each(Object.entries(RESIGNED))('signed honestly with %s: another form', (_name, change) => {
    const text = change(signed.text, sample);
    expect(text).not.toBe(signed.text);
    expect(judged(resign(text))).toMatch(OTHER_FORM);
  });

  it.each(Object.entries(CHANGED))('with %s: refused', (_name, change) => {
    const text = change(signed.text);
    expect(text).not.toBe(signed.text);
    expect(judged(text)).toMatch(REFUSED);
  });

  it('in another encoding: refused', () => {
    const utf16 = Buffer.from(`\ufeff${signed.text}`, 'utf16le');
    expect(verdictOf({ ...signed, document: utf16 })).toMatch(/xml\.encoding/);
    const cut = Buffer.concat([
      toUtf8(signed.text).subarray(0, 20),
      Uint8Array.of(0xff),
      toUtf8(signed.text).subarray(20),
    ]);
    expect(verdictOf({ ...signed, document: cut })).toMatch(/xml\.encoding/);
  });

  it('in no other form it is wrong', () => {
    for (const text of SHIPPED_FORM_FILES) {
      const form = readForm(toUtf8(text));
      expect([form.name, judgeSample({ ...signed, form }).report.indication]).not.toContain('TOTAL-FAILED');
    }
  });

  it('what is handed out is what was digested, and only when everything passed', () => {
    const { covered = [] } = judgeSample(signed).validation;
    expect(covered.length).toBeGreaterThan(0);
    const broken = {
      ...signed,
      document: toUtf8(signed.text.replace(/SignatureValue>./, 'SignatureValue>_')),
    };
    expect(judgeSample(broken).validation.covered).toBeUndefined();
  });
});

const [EGOV, , , NTA, MOJ] = FORM_SAMPLES as readonly [
  FormSample,
  FormSample,
  FormSample,
  FormSample,
  FormSample,
];

describe('places and IDs', () => {
  const signed = signSample(EGOV);
  const judged = (text: string) => verdictOf({ ...signed, document: toUtf8(text) });
  const beside = (markup: string) =>
    signed.text.replace('</DataRoot>', `<その他>${markup}</その他></DataRoot>`);

  it.each<readonly [what: string, markup: string]>([
    ['a second place with another ID', '<構成情報 ID="x"/>'],
    ['a second place without an ID', '<構成情報/>'],
    ['a second place in another namespace', '<構成情報 xmlns="urn:x"/>'],
    ...['Id', 'ID', 'id', 'xml:id'].map(
      (name) => [`the ID once more as ${name}`, `<x ${name}="構成情報"/>`] as const,
    ),
    ['a file name outside of what is signed', '<申請書ファイル名称>evil.xml</申請書ファイル名称>'],
  ])('%s: another form, though nothing of it is signed', (_what, markup) => {
    expect(judged(beside('<備考/>'))).toBe('TOTAL-PASSED');
    expect(judged(beside(markup))).toMatch(OTHER_FORM);
  });

  it('another element outside of the signature, or text: another form', () => {
    expect(judged(signed.text.replace('<様式ID>', '<evil/><様式ID>'))).toMatch(OTHER_FORM);
    expect(judged(signed.text.replace('<様式ID>', 'x<様式ID>'))).toMatch(OTHER_FORM);
    expect(judged(signed.text.replace('<?xml-stylesheet', '<?evil?><?xml-stylesheet'))).toMatch(OTHER_FORM);
  });

  it('the Signature somewhere else, or its parent somewhere else: another form', () => {
    const [block = ''] = /<署名情報>[\s\S]*<\/署名情報>/.exec(signed.text) ?? [];
    const without = signed.text.replace(block, '');
    expect(judged(without.replace('<様式ID>', `${block}<様式ID>`))).toMatch(OTHER_FORM);
    expect(judged(without.replace('</構成情報>', `${block}</構成情報>`))).toMatch(OTHER_FORM);
    expect(judged(signed.text.replace(/ Id="(\d{14})"/, ' Id="$1000"'))).toMatch(OTHER_FORM);
  });

  it('a comment inside of what is signed is listed: no digest covers it', () => {
    const commented = {
      ...signed,
      document: toUtf8(signed.text.replace('模擬　太郎', '模擬　<!--x-->太郎')),
    };
    const { report, validation } = judgeSample(commented);
    expect(report.indication).toBe('TOTAL-PASSED');
    expect(validation.unsigned.map(({ kind }) => kind)).toContain('comment');
  });

  it('the root with another id than the Reference names: another form', () => {
    const nta = signSample(NTA);
    const renamed = resign(nta.text.replace('id="T-1"', 'id="T-2"'));
    expect(verdictOf({ ...nta, document: toUtf8(renamed) })).toMatch(OTHER_FORM);
  });
});

describe('names of files', () => {
  const withName = (name: string, uri = encodeURIComponent(name)): SignedSample => {
    const signed = signSample(EGOV);
    const text = signed.text.replace('申請 1.xml', name).replace(encodeURIComponent('申請 1.xml'), uri);
    return { ...signed, text, document: toUtf8(text), files: [givenFile(name, '<a/>')] };
  };

  it.each(['../a.xml', 'a\\b.xml', 'c:a.xml', 'a?.xml', 'a#.xml', '.a.xml', 'a.xml.', 'a\u202e.xml'])(
    '%s is never taken, whatever spells it',
    (name) => {
      for (const uri of [encodeURIComponent(name), name])
        expect(verdictOf(withName(name, uri))).toMatch(/^(?:INDETERMINATE xmldsig\.other-form|TOTAL-FAILED)/);
    },
  );

  it.each(['%E7%94', '%C0%AE', '%zz', '%25E7'])('%s is no spelling of a name', (uri) => {
    const signed = signSample(EGOV);
    const text = resign(signed.text.replace(encodeURIComponent('申請 1.xml'), uri));
    expect(verdictOf({ ...signed, document: toUtf8(text) })).toMatch(OTHER_FORM);
  });

  it('the names that the form derives and the References are the same, both ways', () => {
    const twoNames =
      '<申請書ファイル名称>申請 1.xml</申請書ファイル名称><申請書ファイル名称>申請 2.xml</申請書ファイル名称>';
    const document =
      EGOV.document?.replace('<申請書ファイル名称>申請 1.xml</申請書ファイル名称>', twoNames) ?? '';
    const signed = signSample({ ...EGOV, document, files: [...EGOV.files, ['申請 2.xml', '<c/>']] });
    expect(verdictOf(signed)).toBe('TOTAL-PASSED');
    const last = signed.text.lastIndexOf('<Reference');
    const missing = signed.text.slice(0, last) + signed.text.slice(signed.text.indexOf('</SignedInfo>'));
    expect(verdictOf({ ...signed, document: toUtf8(resign(missing)) })).toMatch(OTHER_FORM);
    const renamed = signed.text.replace(encodeURIComponent('申請 2.xml'), encodeURIComponent('申請 3.xml'));
    const files = [...signed.files, givenFile('申請 3.xml', '<c/>')];
    expect(verdictOf({ ...signed, files, document: toUtf8(resign(renamed)) })).toMatch(OTHER_FORM);
    const swapped = [givenFile('申請 1.xml', '<c/>'), givenFile('申請 2.xml', '<a/>')];
    expect(verdictOf({ ...signed, files: swapped })).toBe('TOTAL-FAILED xmldsig.digest');
  });

  it('of a drawing is that of its signature file', () => {
    const signed = signSample(MOJ);
    expect(verdictOf({ ...signed, documentName: '別.tif.sig.xml' })).toMatch(OTHER_FORM);
    expect(verdictOf({ ...signed, documentName: 'a.xml' })).toMatch(OTHER_FORM);
    const { documentName: _none, ...nameless } = signed;
    expect(verdictOf(nameless)).toBe('INDETERMINATE xmldsig.file');
  });
});
