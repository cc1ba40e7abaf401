import { describe, expect, it } from 'vitest';
import { fromUtf8, toUtf8 } from '../../../src/core/encoding.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';
import { verifyXmlSignature } from '../../../src/verifier/xmldsig/verify.ts';
import { APPLICATION, PROFILES, SIBLING_PROFILES } from '../../support/xmldsig/documents.ts';
import { testSigner } from '../../support/xmldsig/signers.ts';
import {
  AT,
  FORM_REFUSED,
  replaceOnce,
  resign,
  signDocument,
  verdict,
  verify,
} from '../../support/xmldsig/signing.ts';

const DIGEST = 'reference-digest xmldsig.digest';

const RICH = replaceOnce(
  APPLICATION,
  '<申請日>',
  '<備考>が 葛\u{e0100} \ue000 髙 𠮷 〜－ ＡＢ\u200b\u202eX\ufffd &#x85; 欄\u2028外 &#xD;</備考><注 a="1" b="2">値</注><空/><申請日>',
);

describe.each(PROFILES)('content that changed after signing (X24 to X33), profile %s', (profile) => {
  const document = signDocument(RICH, profile);
  const changed = (pattern: string | RegExp, by: string) =>
    verdict(
      verify(
        replaceOnce(document, pattern, () => by),
        profile,
      ),
    );

  it('as it was signed is good, and reported as it was signed', () => {
    const validation = verify(document, profile);
    expect(verdict(validation)).toBe('TOTAL-PASSED');
    const text = fromUtf8(validation.signedOctets ?? new Uint8Array());
    expect(text).toContain(
      'が 葛\u{e0100} \ue000 髙 𠮷 〜－ ＡＢ\u200b\u202eX\ufffd \u0085 欄\u2028外 &#xD;',
    );
  });

  it.each<[string, string | RegExp, string]>([
    ['X24 LF by U+0085', '\n    <', '\u0085    <'],
    ['X24 LF by U+2028', '\n    <', '\u2028    <'],
    ['X24 CR by reference dropped', '&#xD;', ''],
    ['X24 U+2028 by LF', '\u2028', '\n'],
    ['X27 value in a PI', '模擬　𠮷子', '<?x 模擬　𠮷子?>'],
    ['X27 half a value in a PI', '模擬　𠮷子', '模擬　<?x 𠮷子?>'],
    ['X27 PI inside the element', '<申請日>', '<?x y?><申請日>'],
    ['X28 value commented out', '模擬　𠮷子', '<!--模擬　𠮷子-->'],
    ['X28 element commented out', /<申請日>.*<\/申請日>/, '<!--x-->'],
    ['X29 kana decomposed', 'が', 'か\u3099'],
    ['X29 variation selector dropped', '葛\u{e0100}', '葛'],
    ['X29 variation selector changed', '葛\u{e0100}', '葛\u{e0101}'],
    ['X29 private-use character replaced', '\ue000', '〓'],
    ['X29 髙 to 高', '髙', '高'],
    ['X29 𠮷 to 吉', '𠮷', '吉'],
    ['X29 wave dash', '〜', '～'],
    ['X29 fullwidth hyphen to minus', '－', '−'],
    ['X29 width', 'ＡＢ', 'AB'],
    ['X30 zero width dropped', '\u200b', ''],
    ['X30 bidi override dropped', '\u202e', ''],
    ['X30 U+FEFF added', '模擬　', '\ufeff模擬　'],
    ['X30 tag character added', '模擬　', '\u{e0041}模擬　'],
    ['X31 default namespace added', '<注 ', '<注 xmlns="urn:x" '],
    ['X32 markup in a namespace name', '<注 ', '<注 xmlns:x="urn:a&amp;b" '],
    ['space added in text', '値', ' 値'],
    ['attribute value', 'b="2"', 'b="3"'],
    ['attribute added', 'b="2"', 'b="2" c="3"'],
    ['attribute removed', ' b="2"', ''],
    ['element removed', '<空/>', ''],
  ])('%s', (_, pattern, by) => {
    expect(changed(pattern, by)).toBe(DIGEST);
  });

  it('X31 an unused prefix is in scope of SignedInfo or of the signed element', () => {
    const root = changed('<ZZ申請情報', '<ZZ申請情報 xmlns:x="urn:x"');
    expect([DIGEST, 'signature-value xmldsig.signature']).toContain(root);
    expect(changed('<注 ', '<注 xmlns:x="urn:x" ')).toBe(DIGEST);
  });

  it.each(['xml:lang="ja"', 'xml:space="preserve"', 'xml:base="http://127.0.0.1:1/"'])(
    'X33 %s added on the root',
    (attribute) => {
      const refused = changed('<ZZ申請情報', `<ZZ申請情報 ${attribute}`);
      expect([DIGEST, 'signature-value xmldsig.signature']).toContain(refused);
      const honest = signDocument(replaceOnce(RICH, '<ZZ申請情報', `<ZZ申請情報 ${attribute}`), profile);
      expect(verdict(verify(honest, profile))).toBe('TOTAL-PASSED');
    },
  );

  it('X26 a comment inside a value hides nothing', () => {
    const commented = replaceOnce(document, '模擬　𠮷子', '模擬　<!-- -->𠮷子');
    const validation = verify(commented, profile);
    expect(verdict(validation)).toBe('TOTAL-PASSED');
    expect(fromUtf8(validation.signedOctets ?? new Uint8Array())).toContain('<氏名>模擬　𠮷子</氏名>');
    expect(validation.unsigned.map(({ kind }) => kind)).toEqual(['comment']);
  });
});

describe.each(PROFILES)('other spellings of the same content (X25), profile %s', (profile) => {
  const document = signDocument(RICH, profile);
  const spelled = (pattern: string | RegExp, by: string) => replaceOnce(document, pattern, () => by);

  it.each<[string, string]>([
    ['CRLF line ends', document.replaceAll('\n', '\r\n')],
    ['CR line ends', document.replaceAll('\n', '\r')],
    ['byte order mark', `\ufeff${document}`],
    ['no XML declaration', spelled(/<\?xml.*\?>\n/, '')],
    ['standalone declaration', spelled(' encoding="UTF-8"', " encoding='utf-8' standalone='yes'")],
    ['single quotes', spelled('a="1"', "a='1'")],
    ['attribute order', spelled('a="1" b="2"', 'b="2"   a="1"')],
    ['CDATA', spelled('>値<', '><![CDATA[値]]><')],
    ['references', spelled('>値<', '>&#x5024;<')],
    ['empty-element tag', spelled('<空/>', '<空></空>')],
    ['white space in tags', spelled('<空/>', '<空\n />')],
    ['white space in an end tag', spelled('</申請日>', '</申請日 >')],
    ['reference in an attribute', spelled('a="1"', 'a="&#49;"')],
    ['white space after the document', `${document}\n\n`],
    [
      'white space after the Signature',
      profile === 'enveloped' ? document : spelled('</Signature>', '</Signature>\n'),
    ],
    [
      'empty tags in the Signature',
      document.replace(/><\/(Transform|CanonicalizationMethod|SignatureMethod|DigestMethod)>/g, '/>'),
    ],
    [
      'base64 folded',
      replaceOnce(
        document,
        /(<SignatureValue>)([^<]*)/,
        (_, tag, value) => `${tag}${value?.replace(/.{64}/g, '$&&#13;\n')}`,
      ),
    ],
  ])('%s', (_, spelling) => {
    expect(verdict(verify(spelling, profile))).toBe('TOTAL-PASSED');
  });
});

describe.each(['enveloped', 'by-id'] as const)('other spellings of the Signature, profile %s', (profile) => {
  it('a prefix for the namespace of XML Signature', () => {
    const document = signDocument(APPLICATION, profile);
    const prefixed = document
      .replace('<Signature xmlns=', '<Signature xmlns:ds=')
      .replace(
        /<(\/?)(Signature|SignedInfo|CanonicalizationMethod|SignatureMethod|Reference|Transforms|Transform|DigestMethod|DigestValue|SignatureValue|KeyInfo|X509Data|X509Certificate)\b/g,
        '<$1ds:$2',
      );
    expect(verdict(verify(prefixed, profile))).toBe('signature-value xmldsig.signature');
    expect(verdict(verify(resign(prefixed), profile))).toBe('TOTAL-PASSED');
  });

  it('is not the unqualified form of the guideline, and the reverse', () => {
    expect(verdict(verify(signDocument(APPLICATION, profile), 'guideline'))).toMatch(FORM_REFUSED);
    expect(verdict(verify(signDocument(APPLICATION, 'guideline'), profile))).toMatch(FORM_REFUSED);
  });
});

describe('a document that is no XML (X1 to X23, X34)', () => {
  const document = signDocument(APPLICATION, 'enveloped');
  const octets = toUtf8(document);
  const head = replaceOnce(document, /<\?xml.*\?>\n/, '');

  it.each<[string, string | Uint8Array, string]>([
    ['X1 DOCTYPE', `<!DOCTYPE ZZ申請情報>${head}`, 'well-formed xml.dtd'],
    [
      'X2 external entity',
      `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>${head}`,
      'well-formed xml.dtd',
    ],
    [
      'X5 entity for the value',
      `<!DOCTYPE r [<!ENTITY x "模擬">]>${replaceOnce(head, '模擬　', '&x;　')}`,
      'well-formed xml.dtd',
    ],
    ['undeclared entity', replaceOnce(document, '模擬　', '&x;　'), 'well-formed xml.not-well-formed'],
    [
      'X15 lone octet',
      Buffer.concat([octets.subarray(0, 60), Buffer.of(0x80), octets.subarray(60)]),
      'encoding xml.encoding',
    ],
    [
      'X18 bad octets for U+FFFD',
      Buffer.from(
        Buffer.from(signDocument(RICH, 'enveloped')).toString('latin1').replace('\xef\xbf\xbd', '\xff'),
        'latin1',
      ),
      'encoding xml.encoding',
    ],
    ['X19 UTF-16', Buffer.from(`\ufeff${document}`, 'utf16le'), 'encoding xml.encoding'],
    ['X21 Shift_JIS declared', replaceOnce(document, 'UTF-8', 'Shift_JIS'), 'encoding xml.encoding'],
    ['X23 XML 1.1', replaceOnce(document, 'version="1.0"', 'version="1.1"'), 'well-formed xml.version'],
    ['X34 second root', `${document}<x/>`, 'well-formed xml.not-well-formed'],
    ['X34 empty', '', 'well-formed xml.not-well-formed'],
    ['X34 JSON', '{}', 'well-formed xml.not-well-formed'],
    [
      'X31 unbound prefix',
      replaceOnce(document, '<申請日>', '<申請日 x:y="1">'),
      'well-formed xml.namespace',
    ],
    [
      'relative namespace name',
      replaceOnce(document, '<申請日>', '<申請日 xmlns:x="relative">'),
      'signature-value c14n.relative-namespace',
    ],
  ])('%s', (_, attack, expected) => {
    const found = verdict(verify(attack, 'enveloped'));
    if (expected.startsWith('signature-value c14n')) expect(found).toMatch(/ c14n\.relative-namespace$/);
    else expect(found).toMatch(new RegExp(expected));
  });

  it('a limit that is hit decides nothing (R1)', () => {
    const verifyWith = (limits: Record<string, number>) =>
      verifyXmlSignature(octets, {
        profile: 'enveloped',
        key: { kind: 'key', publicKey: testSigner('rsa').publicKey },
        validationTime: AT,
        limits,
      });
    expect(verifyWith({}).report.indication).toBe('TOTAL-PASSED');
    expect(verifyWith({ size: 100 }).report).toMatchObject({ indication: 'INDETERMINATE' });
    expect(verdict(verifyWith({ size: 100 }))).toBe('size xml.size');
    expect(verdict(verifyWith({ depth: 2 }))).toBe('well-formed xml.limit');
    expect(verifyWith({ depth: 2 }).report.indication).toBe('INDETERMINATE');
  });
});

describe.each(SIBLING_PROFILES)('one parse (X35), profile %s', (profile) => {
  it('what a reader reads of the signed octets is what was digested', () => {
    const { signedOctets } = verify(signDocument(RICH, profile), profile);
    const reread = parseXml(signedOctets ?? new Uint8Array());
    expect(reread.root.localName).toBe('申請書');
  });
});
