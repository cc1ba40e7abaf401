import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { C14N_1_0, C14N_1_1, EXC_C14N } from '../../../src/core/c14n/algorithms.ts';
import { canonicalOctets } from '../../../src/core/c14n/canonicalize.ts';
import { toUtf8 } from '../../../src/core/encoding.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';
import { prepareSignature } from '../../../src/core/xmldsig/prepare.ts';
import { prepareDetached } from '../../../src/core/xmldsig/prepare-detached.ts';
import { type SignedForm, signedFormOf } from '../../../src/core/xmldsig/signed-forms.ts';
import { encodeDer, encodeOid } from '../../../src/verifier/x509/der-writer.ts';
import { APPLICATION } from '../../support/xmldsig/documents.ts';
import { testCrl, testRoot, testSigner } from '../../support/xmldsig/signers.ts';

const prepared = prepareSignature(toUtf8(APPLICATION), { profile: 'enveloped' });
const skeleton = parseXml(prepared.skeleton);
const [signedInfo] = skeleton.elementsCalled('SignedInfo');
if (signedInfo === undefined) throw new Error('no SignedInfo');
const inForm = (algorithm: Parameters<typeof canonicalOctets>[2]['algorithm']) =>
  canonicalOctets(skeleton, { kind: 'element', element: signedInfo }, { algorithm });
const text = Buffer.from(prepared.signedInfoOctets).toString();

/** The part that is signed of a certificate or CRL: its first member, as it stands. */
function toBeSigned(der: Uint8Array): Uint8Array {
  const length = (at: number): readonly [start: number, end: number] => {
    const first = der[at + 1] ?? 0;
    const count = first < 0x80 ? 0 : first & 0x7f;
    let size = count === 0 ? first : 0;
    for (let n = 0; n < count; n += 1) size = size * 256 + (der[at + 2 + n] ?? 0);
    return [at + 2 + count, at + 2 + count + size];
  };
  const [inside] = length(0);
  return der.subarray(inside, length(inside)[1]);
}

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const octets = (value: string) => new Uint8Array(Buffer.from(value, 'latin1'));

const SIGNED: readonly (readonly [string, SignedForm, Uint8Array])[] = [
  ['SignedInfo in C14N 1.0', 'SignedInfo', inForm(C14N_1_0)],
  ['SignedInfo in C14N 1.1', 'SignedInfo', inForm(C14N_1_1)],
  ['SignedInfo in exclusive C14N', 'SignedInfo', inForm(EXC_C14N)],
  ['SignedInfo as profile enveloped signs it', 'SignedInfo', prepared.signedInfoOctets],
  ['SignedInfo with a prefix', 'SignedInfo', toUtf8(text.replace('<SignedInfo', '<ds:SignedInfo'))],
  ['SignedInfo after a comment and white space', 'SignedInfo', toUtf8(`<!-- a -->\n<?p i?> ${text}`)],
  ['SignedInfo after an XML declaration', 'SignedInfo', toUtf8(`<?xml version="1.0"?>${text}`)],
  ['SignedInfo after a byte order mark', 'SignedInfo', toUtf8(`\ufeff${text}`)],
  ['SignedInfo in UTF-16', 'SignedInfo', new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'))],
  ['TBSCertificate', 'der', toBeSigned(testSigner('rsa').certificateDer)],
  ['a whole certificate', 'der', testRoot().certificateDer],
  ['TBSCertList', 'der', toBeSigned(testCrl({ revoked: true }))],
  ['SignedAttributes', 'der', encodeDer(0x31, encodeDer(0x30, encodeOid('1.2.840.113549.1.9.3')))],
  ['TSTInfo, CertificationRequestInfo, ResponseData', 'der', encodeDer(0x30, new Uint8Array(300))],
  ['a SEQUENCE of indefinite length', 'der', Uint8Array.of(0x30, 0x80, 2, 1, 1, 0, 0)],
  ['DigestInfo', 'der', Buffer.from(prepared.data, 'base64')],
  ['JWS signing input', 'jws', octets(`${base64url({ alg: 'RS256' })}.${base64url({ iss: 'x' })}`)],
  [
    'JWS signing input, payload not encoded',
    'jws',
    octets(`${base64url({ alg: 'RS256', b64: false })}.any. thing`),
  ],
  ...['Signature', 'Signature1', 'CounterSignature', 'CounterSignature0'].flatMap((context) =>
    ['\x84', '\x85'].map((array) => {
      const head = `${array}${String.fromCharCode(0x60 + context.length)}${context}`;
      return [
        `COSE ${context} in ${array === '\x84' ? 'four' : 'five'} members`,
        'cose',
        octets(`${head}\x43\xa1\x01\x39\x40\x41x`),
      ] as const;
    }),
  ),
  ['the SHA-256 of a file', 'hash', createHash('sha256').update('x').digest()],
  ['the byte ranges of a PDF', 'pdf', octets('%PDF-1.7\n1 0 obj << /Type /Sig /ByteRange [0 10 20 30] >>')],
  [
    'a file with an OpenPGP trailer',
    'openpgp',
    octets('text\x04\x00\x01\x08\x00\x00\x04\xff\x00\x00\x00\x06'),
  ],
  ['SSHSIG', 'ssh', octets('SSHSIG\0\0\0\x04file')],
  [
    'SSH user authentication',
    'ssh',
    octets('\0\0\0\x20id\x32\0\0\0\x0essh-connection\0\0\0\x09publickey\x01'),
  ],
  ['an HTTP signature base', 'http', octets('"@method": POST\n"@signature-params": ("@method");keyid="a"')],
  ['TLS 1.3 CertificateVerify', 'tls', octets(`${' '.repeat(64)}TLS 1.3, client CertificateVerify\0xxxx`)],
  ['a signature file of a JAR', 'jar', octets('Signature-Version: 1.0\r\n')],
];

describe('octets that some standard signs', () => {
  it.each(SIGNED)('%s is recognized, and refused as a file in mode digest-info', (_name, form, file) => {
    expect(signedFormOf(new Uint8Array(file))).toBe(form);
    expect(() => prepareDetached(new Uint8Array(file), 'digest-info')).toThrow(
      expect.objectContaining({ code: 'xmldsig.mode' }),
    );
    expect(prepareDetached(new Uint8Array(file), 'digest').mode).toBe('digest');
  });

  it.each([
    ['an application', toUtf8(APPLICATION)],
    ['a signed document', prepared.skeleton],
    ['a text', octets('SignedInfo. 申請')],
    ['a PDF without a signature', octets('%PDF-1.7\n%%EOF')],
    ['a ZIP', octets('PK\x03\x04\0\0')],
    ['a SEQUENCE with something after it', octets('\x30\x03\x02\x01\x01x')],
    ['a CBOR array of three', octets('\x83\x6aSignature1\x43\xa1\x01\x39')],
    ['a CBOR array with another first text', octets('\x84\x6aSignature2\x43\xa1\x01\x39')],
    ['an empty file', new Uint8Array(0)],
  ])('%s is a file like any', (_name, file) => {
    expect(signedFormOf(file)).toBeUndefined();
  });

  it('in mode digest the value is over 32 octets, so it is no signature over the form itself', () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { digest } = prepareDetached(prepared.signedInfoOctets, 'digest');
    const value = sign('sha256', digest, privateKey);
    expect(verify('sha256', prepared.signedInfoOctets, publicKey, value)).toBe(false);
  });

  it('looks at a long prolog once', () => {
    expect(signedFormOf(octets('<!--'.repeat(16_000)))).toBeUndefined();
    expect(signedFormOf(octets('<? ?>'.repeat(13_000)))).toBeUndefined();
  });
});
