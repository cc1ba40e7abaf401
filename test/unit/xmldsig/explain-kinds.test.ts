import { createHash, type KeyObject, privateEncrypt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromUtf8, toUtf8 } from '../../../src/core/encoding.ts';
import { explainDigest } from '../../../src/verifier/explain/explain.ts';
import { testSigner } from '../../support/xmldsig/signers.ts';
import {
  ecdsa,
  replaceOnce,
  resign,
  rsa,
  rsaPss,
  type Signing,
  signDocument,
  withSignatureValue,
} from '../../support/xmldsig/signing.ts';

const DOCUMENT = `<?xml version="1.0" encoding="UTF-8"?>
<届 xmlns="urn:example:todoke" xmlns:共="urn:example:common">
  <氏名 順="2" 共:種="甲" 号='1'>模擬 &gt; 花子 "A" 'b'</氏名>
  <期間>2026〜2027−3</期間><備考/><![CDATA[<x>]]>
</届>
`;
const signed = signDocument(DOCUMENT, 'enveloped');
const explained = (document: string) => explainDigest(toUtf8(document), { profile: 'enveloped' });
const canonical = fromUtf8(explained(signed).foundOctets);

const XSD_XSI =
  'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
const sha256 = (octets: string | Uint8Array) => createHash('sha256').update(octets).digest();
const PREFIX = Buffer.from('3031300d060960864801650304020105000420', 'hex');
const info = (octets: Uint8Array) => Buffer.concat([PREFIX, sha256(octets)]);

function withDigest(text: string): string {
  return resign(replaceOnce(signed, /(<(?:\w+:)?DigestValue>)[^<]*/, (_, tag) => `${tag}${text}`));
}
const digesting = (octets: string | Uint8Array) => withDigest(sha256(octets).toString('base64'));
const put = (from: string | RegExp, to: string) => replaceOnce(canonical, from, to);

describe('explainDigest, one fault between document and digest', () => {
  it.each<[string, string | Uint8Array]>([
    ['file-before-signature', DOCUMENT],
    ['file-before-signature', DOCUMENT.trimEnd()],
    ['xml-declaration', `<?xml version="1.0" encoding="UTF-8"?>\n${canonical}`],
    ['characters-cp932', canonical.replaceAll('〜', '～').replaceAll('−', '－')],
    ['characters-cp932', canonical.replaceAll('〜', '～')],
    ['characters-lost', canonical.replaceAll(/[〜−]/g, '?')],
    ['without-default-namespace', put(' xmlns="urn:example:todoke"', '')],
    ['without-first-namespaces', put(/ xmlns=.*?common"/, '')],
    ['gt-not-escaped', canonical.replaceAll('&gt;', '>')],
    ['quotes-escaped', canonical.replace(/"A"/, '&quot;A&quot;')],
    ['attributes-unsorted', put('号="1" 順="2" 共:種="甲"', '順="2" 共:種="甲" 号="1"')],
    ['empty-tags-kept', put('<備考></備考>', '<備考/>')],
    ['empty-tags-spaced', put('<備考></備考>', '<備考 />')],
    ['cdata-kept', put('&lt;x&gt;', '<![CDATA[<x>]]>')],
    ['space-around-signature', put(/\n<\/届>$/, '</届>')],
    ['space-around-signature', put(/\n<\/届>$/, '\n  </届>')],
    ['line-ends-removed', canonical.replaceAll('\n', '')],
    ['byte-order-mark', `\ufeff${canonical}`],
    ['encoding-utf-8-twice', Buffer.from(Buffer.from(canonical).toString('latin1'))],
    ['encoding-utf-16be-bom', Buffer.from(`\ufeff${canonical}`, 'utf16le').swap16()],
    ['xsi-xsd-declared', put(/xmlns:共/, `${XSD_XSI} xmlns:共`)],
    [
      'space-around-signature, empty-tags-kept',
      put('<備考></備考>', '<備考/>').replace(/\n<\/届>$/, '</届>'),
    ],
    ['empty-tags-kept, cdata-kept', put('<備考></備考>', '<備考/>').replace('&lt;x&gt;', '<![CDATA[<x>]]>')],
  ])('names %s', (cause, octets) => {
    expect(octets).not.toBe(canonical);
    const { cause: found, value, expectedOctets } = explained(digesting(octets));
    expect(found?.name).toBe(cause);
    expect(Buffer.from(expectedOctets ?? []).equals(Buffer.from(octets))).toBe(true);
    expect(value?.agrees).toBe(true);
  });

  it('names Shift_JIS where every character has a place in it', () => {
    const plain = signDocument('<r><a>申請</a></r>', 'enveloped');
    const octets = Buffer.concat([
      Buffer.from('<r><a>'),
      Buffer.from('905c90bf', 'hex'),
      Buffer.from('</a></r>'),
    ]);
    const digest = sha256(octets).toString('base64');
    const document = resign(replaceOnce(plain, /(DigestValue>)[^<]*/, (_, tag) => `${tag}${digest}`));
    expect(explained(document).cause?.name).toBe('encoding-shift-jis');
  });

  const hash = sha256(canonical);
  it.each<[string, string]>([
    ['hexadecimal', Buffer.from(hash.toString('hex')).toString('base64')],
    ['hexadecimal', hash.toString('hex')],
    ['base64-twice', Buffer.from(hash.toString('base64')).toString('base64')],
    ['byte-order', Buffer.from(hash).reverse().toString('base64')],
    ['hashed-twice', sha256(hash).toString('base64')],
    ['hexadecimal-hashed', sha256(hash.toString('hex')).toString('base64')],
    ['base64-hashed', sha256(hash.toString('base64')).toString('base64')],
    ['hash-sha1', createHash('sha1').update(canonical).digest('base64')],
    ['hash-sha512', createHash('sha512').update(canonical).digest('base64')],
    ['base64-unpadded', hash.toString('base64').replace(/=+$/, '')],
  ])('names %s', (cause, text) => {
    expect(explained(withDigest(text)).cause?.name).toBe(cause);
  });

  it('names nothing where the content itself was changed', () => {
    const { cause, value } = explained(replaceOnce(signed, '模擬', '模造'));
    expect(cause).toBeUndefined();
    expect(value?.agrees).toBe(true);
  });
});

const raw = (key: KeyObject, octets: Uint8Array) => new Uint8Array(privateEncrypt(key, octets));
const turned = (octets: Uint8Array) => octets.slice().reverse();
const RSA = rsa('sha256');

describe('explainDigest, one fault between SignedInfo and the card', () => {
  const changed =
    (change: (signedInfo: string) => string): Signing =>
    (octets, key) => {
      const text = fromUtf8(octets);
      expect(change(text)).not.toBe(text);
      return RSA(toUtf8(change(text)), key);
    };
  const asText = (encode: (digest: Buffer) => string) => (octets: Uint8Array) =>
    Buffer.from(encode(sha256(octets)));
  const hex = asText((digest) => digest.toString('hex'));
  const base64 = asText((digest) => digest.toString('base64'));
  const withoutNull = Buffer.from('302f300b06096086480165030402010420', 'hex');

  it.each<[string, Signing]>([
    ['hashed-twice', (octets, key) => RSA(sha256(octets), key)],
    ['digest-info-hashed', (octets, key) => RSA(info(octets), key)],
    ['hexadecimal-hashed', (octets, key) => RSA(hex(octets), key)],
    ['data-hashed', (octets, key) => RSA(Buffer.from(info(octets).toString('base64')), key)],
    ['no-digest-info', (octets, key) => raw(key, sha256(octets))],
    ['digest-info-twice', (octets, key) => raw(key, twice(octets))],
    ['no-digest-info, hexadecimal', (octets, key) => raw(key, hex(octets))],
    ['no-digest-info, base64-twice', (octets, key) => raw(key, base64(octets))],
    ['digest-info-without-null', (octets, key) => raw(key, Buffer.concat([withoutNull, sha256(octets)]))],
    ['hash-sha512, digest-info-hash', rsa('sha512')],
    ['padding', rsaPss('sha256')],
    ['value-byte-order', (octets, key) => turned(RSA(octets, key))],
    ['signed-info-without-digest', changed((text) => text.replace(/(DigestValue>)[^<]*/, '$1'))],
    ['inherited-namespaces', changed((text) => text.replace(/ xmlns(?::共)?="urn:[^"]*"/g, ''))],
    ['without-first-namespaces', changed((text) => text.replace(/ xmlns(?::[^=]+)?="[^"]*"/g, ''))],
    ['without-default-namespace', changed((text) => text.replace(/ xmlns="[^"]*"/g, ''))],
    ['empty-tags-kept', changed((text) => text.replace(/(<[^/][^>]*)><\/[^>]*>/g, '$1/>'))],
    ['document-instead-of-signed-info', (_, key) => RSA(toUtf8(canonical), key)],
  ])('names %s', (cause, signing) => {
    const { value } = explained(resign(signed, { signing }));
    expect(value).toMatchObject({ agrees: false, cause: { name: cause } });
  });

  it('names a value in hexadecimal, and one in base64 twice', () => {
    const text = /SignatureValue>([^<]*)/.exec(signed)?.[1] ?? '';
    const octets = Buffer.from(text, 'base64');
    const written = (value: string) => explained(withSignatureValue(signed, value)).value?.cause?.name;
    expect(written(octets.toString('hex'))).toBe('hexadecimal');
    expect(written(Buffer.from(text).toString('base64'))).toBe('base64-twice');
  });

  it('says of a value by another key, and of one over other content, only what is so', () => {
    const other = explained(resign(signed, { signer: 'other-rsa' })).value;
    expect(other).toMatchObject({ agrees: false, opened: false });
    expect(other?.cause).toBeUndefined();
    const content = explained(
      resign(signed, { signing: (_, key) => RSA(toUtf8('something else'), key) }),
    ).value;
    expect(content).toMatchObject({ agrees: false, opened: true });
    expect(content?.cause).toBeUndefined();
  });

  it.each<[string, Signing]>([
    ['ecdsa-der', ecdsa('sha256', 'der')],
    ['ecdsa-exchanged', (octets, key) => exchanged(ecdsa('sha256')(octets, key))],
    ['value-byte-order', (octets, key) => turned(ecdsa('sha256')(octets, key))],
    ['hashed-twice', (octets, key) => ecdsa('sha256')(sha256(octets), key)],
  ])('names %s of an ECDSA value', (cause, signing) => {
    const certificate = Buffer.from(testSigner('p256').certificateDer).toString('base64');
    const method = replaceOnce(
      replaceOnce(signed, 'xmldsig-more#rsa-sha256', 'xmldsig-more#ecdsa-sha256'),
      /(X509Certificate>)[^<]*/,
      (_, tag) => `${tag}${certificate}`,
    );
    const { value } = explained(resign(method, { signer: 'p256', signing }));
    expect(value).toMatchObject({ agrees: false, cause: { name: cause } });
  });
});

function twice(octets: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from('3044300d060960864801650304020105000433', 'hex'), info(octets)]);
}

function exchanged(octets: Uint8Array): Uint8Array {
  const half = octets.length / 2;
  return Uint8Array.from([...octets.slice(half), ...octets.slice(0, half)]);
}
