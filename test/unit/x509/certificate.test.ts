import { X509Certificate } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { JitsuinError } from '../../../src/core/errors.ts';
import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';
import { openDer } from '../../../src/verifier/x509/der.ts';
import { certificatesFromPem } from '../../../src/verifier/x509/pem.ts';
import {
  bmp,
  encodeDer,
  encodeOid,
  integer,
  name,
  octetString,
  printable,
  sequence,
  TAG,
  utf8,
} from '../../support/pki/der-encode.ts';
import { extension, extensions } from '../../support/pki/extension-encode.ts';
import {
  algorithmIdentifier,
  certificateDer,
  issueCa,
  signed,
  TEST_NOT_AFTER,
  TEST_NOT_BEFORE,
  type TestCertificateSpec,
  testKey,
  toPem,
} from '../../support/pki/test-pki.ts';

const ca = issueCa({ subject: ['C=JP', 'CN=CA'] });

/** The code with which a certificate is refused, or `accepted`. */
function refusal(der: Uint8Array): string {
  try {
    parseCertificate(der);
    return 'accepted';
  } catch (thrown) {
    return thrown instanceof JitsuinError ? thrown.code : 'another error';
  }
}

const der = (spec: Partial<TestCertificateSpec>): Uint8Array =>
  certificateDer({ subject: ['C=JP', 'CN=Leaf'], issuer: ca, ...spec }).der;

/** A Name of one attribute with a value given as DER. */
const nameOf = (value: Uint8Array, type = '2.5.4.3') =>
  sequence(encodeDer(TAG.set, sequence(encodeOid(type), value)));

describe('a good certificate', () => {
  const good = der({ serial: 0x80, extensions: [extensions.keyUsage(['digitalSignature', 'decipherOnly'])] });

  it('is read as node:crypto reads it', () => {
    const ours = parseCertificate(good);
    const theirs = new X509Certificate(good);
    expect(Buffer.from(ours.serialNumber).toString('hex')).toBe('0080');
    expect(theirs.serialNumber).toBe('80');
    expect(new Date(ours.notBefore)).toEqual(new Date(theirs.validFrom));
    expect(new Date(ours.notAfter)).toEqual(new Date(theirs.validTo));
    expect(ours.publicKey().equals(theirs.publicKey)).toBe(true);
    expect([ours.notBefore, ours.notAfter]).toEqual([TEST_NOT_BEFORE, TEST_NOT_AFTER]);
    expect([...(ours.keyUsage ?? [])]).toEqual(['digitalSignature', 'decipherOnly']);
    expect(ours.unknownCriticalExtensions).toEqual([]);
  });

  it('is a view of the octets given, not a copy', () => {
    expect(parseCertificate(good).tbsCertificate.buffer).toBe(good.buffer);
  });

  it('imports RSA keys from the PKCS#1 body to the same key', () => {
    const rsa = der({ key: testKey('rsa', 'rsa') });
    expect(parseCertificate(rsa).publicKey().equals(new X509Certificate(rsa).publicKey)).toBe(true);
  });

  it('is read from PEM, one or many', () => {
    const pem = `comment\n${toPem(good)}${toPem(ca.der)}`;
    expect(certificatesFromPem(pem).map((certificate) => certificate.der.length)).toEqual([
      good.length,
      ca.der.length,
    ]);
    expect(() => certificatesFromPem('no certificate')).toThrowError(
      expect.objectContaining({ code: 'certificate.syntax' }),
    );
  });
});

describe('K9 syntax', () => {
  const twice = extensions.keyUsage(['digitalSignature']);

  it.each([
    ['the same extension twice', der({ extensions: [twice, twice] })],
    ['a negative serial number', der({ serial: Uint8Array.of(0x80) })],
    ['a serial number of 21 octets', der({ serial: new Uint8Array(21).fill(1) })],
    ['a serial number that is not minimal', der({ serial: Uint8Array.of(0, 1) })],
    ['an empty serial number', der({ serial: new Uint8Array() })],
    ['trailing octets', Buffer.concat([der({}), Buffer.of(0)])],
    ['a certificate cut short', der({}).subarray(0, -1)],
    ['nothing', new Uint8Array()],
    ['NUL in a name', der({ subject: nameOf(utf8('a\u0000b')) })],
    ['a name that is not a string', der({ subject: nameOf(octetString(Uint8Array.of(0x41))) })],
    ['a name as INTEGER', der({ subject: nameOf(integer(1)) })],
    [
      'ill-formed UTF-8 in a name',
      der({ subject: nameOf(encodeDer(TAG.utf8String, Uint8Array.of(0xc0, 0x80))) }),
    ],
    ['an asterisk in a PrintableString', der({ subject: nameOf(printable('a*b')) })],
    [
      'a BMPString of odd length',
      der({ subject: nameOf(encodeDer(TAG.bmpString, Uint8Array.of(0, 0x41, 0))) }),
    ],
    ['an empty RDN', der({ subject: sequence(encodeDer(TAG.set)) })],
    ['two signature algorithms', der({ innerAlgorithm: algorithmIdentifier(ca.key, 'sha384') })],
    [
      'octets after an extension value',
      der({ extensions: [extension('2.5.29.54', Buffer.concat([integer(0), integer(0)]))] }),
    ],
    [
      'cA FALSE encoded',
      der({ extensions: [extension('2.5.29.19', sequence(encodeDer(TAG.boolean, Uint8Array.of(0))))] }),
    ],
    [
      'BOOLEAN 01',
      der({ extensions: [extension('2.5.29.19', sequence(encodeDer(TAG.boolean, Uint8Array.of(1))))] }),
    ],
    [
      'keyUsage with trailing zero bits',
      der({ extensions: [extension('2.5.29.15', encodeDer(TAG.bitString, Uint8Array.of(0, 0x80, 0)))] }),
    ],
    ['empty extKeyUsage', der({ extensions: [extension('2.5.29.37', sequence())] })],
    ['empty subjectAltName', der({ extensions: [extension('2.5.29.17', sequence())] })],
    ['the same policy twice', der({ extensions: [extensions.certificatePolicies(['1.2.3', '1.2.3'])] })],
  ])('refuses %s', (_, octets) => {
    expect(refusal(octets)).toBe('certificate.syntax');
  });

  it.each([
    ['a serial number of 20 octets', der({ serial: new Uint8Array(20).fill(1) })],
    ['a serial number of zero', der({ serial: 0 })],
    ['a BMPString name', der({ subject: nameOf(bmp('試験')) })],
    ['an unknown critical extension, recorded', der({ extensions: [extensions.unknown(true)] })],
  ])('accepts %s', (_, octets) => {
    expect(refusal(octets)).toBe('accepted');
  });

  it('records unknown critical extensions for the path to judge', () => {
    const odd = parseCertificate(der({ extensions: [extensions.unknown(true)] }));
    expect(odd.unknownCriticalExtensions).toEqual(['1.3.6.1.4.1.99999.1']);
    expect(
      parseCertificate(der({ extensions: [extensions.unknown(false)] })).unknownCriticalExtensions,
    ).toEqual([]);
  });

  it('refuses lengths that are indefinite, not minimal, or beyond the input', () => {
    const good = der({});
    const body = good.subarray(4);
    expect(refusal(Buffer.concat([Buffer.of(0x30, 0x80), body, Buffer.of(0, 0)]))).toBe('certificate.syntax');
    const length = Buffer.of(0x30, 0x83, 0, body.length >> 8, body.length & 0xff);
    expect(refusal(Buffer.concat([length, body]))).toBe('certificate.syntax');
    expect(refusal(Buffer.concat([Buffer.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff), body]))).toBe(
      'certificate.syntax',
    );
  });

  it('refuses what is larger than a certificate can be', () => {
    const large = der({ extensions: [extension('1.2.3.4', octetString(new Uint8Array(1_000_000)))] });
    expect(refusal(large)).toBe('certificate.limit');
    expect(refusal(der({ extensions: [extension('1.2.3.4', octetString(new Uint8Array(10_000)))] }))).toBe(
      'accepted',
    );
  });

  it('refuses nesting without end', () => {
    let nested: Uint8Array = sequence();
    for (let depth = 0; depth < 200; depth++) nested = sequence(nested);
    const deep = der({
      extensions: [extension('2.5.29.17', encodeDer(TAG.sequence, encodeDer(0xa4, nested)))],
    });
    expect(refusal(deep)).toBe('certificate.syntax');
  });
});

describe('names', () => {
  const subject = (value: Uint8Array) => parseCertificate(der({ subject: nameOf(value) })).subject;

  it('compare across string types, case and space (RFC 5280 section 7.1)', () => {
    const plain = subject(printable('Digital  Agency'));
    expect(plain.equals(subject(utf8('digital agency ')))).toBe(true);
    expect(plain.equals(subject(utf8('digitalagency')))).toBe(false);
    expect(subject(utf8('ｱｲｳ')).equals(subject(utf8('アイウ')))).toBe(true);
    expect(subject(utf8('試験')).equals(subject(bmp('試験')))).toBe(true);
    expect(subject(utf8('a\u00adb')).equals(subject(utf8('ab')))).toBe(true);
  });

  it('keep the order of RDNs and the attribute types apart', () => {
    const one = parseCertificate(der({ subject: name('C=JP', 'O=A') })).subject;
    const other = parseCertificate(der({ subject: name('O=A', 'C=JP') })).subject;
    expect(one.equals(other)).toBe(false);
    expect(
      subject(utf8('A')).equals(parseCertificate(der({ subject: nameOf(utf8('A'), '2.5.4.10') })).subject),
    ).toBe(false);
    expect(one.within(parseCertificate(der({ subject: name('C=JP') })).subject)).toBe(true);
  });
});

describe('unique identifiers (RFC 5280 section 4.1.2.8)', () => {
  const { der: whole, key } = certificateDer({ subject: ['C=JP', 'CN=Old'], identifiers: 'none' });
  const members: Uint8Array[] = [];
  const tbs = openDer(whole, TAG.sequence).read(TAG.sequence);
  while (!tbs.exhausted) members.push(tbs.next().der);
  const withIdentifiers = (version: number, ...numbers: number[]) =>
    signed(
      sequence(
        ...(version === 1 ? [] : [encodeDer(0xa0, integer(version - 1))]),
        ...members.slice(1),
        ...numbers.map((number) => encodeDer(0x80 | number, Uint8Array.of(0, 1))),
      ),
      key,
    );

  it.each([
    [1, [], 'accepted'],
    [1, [1], 'certificate.syntax'],
    [1, [2], 'certificate.syntax'],
    [1, [1, 2], 'certificate.syntax'],
    [2, [1], 'accepted'],
    [2, [2], 'accepted'],
    [2, [1, 2], 'accepted'],
    [2, [2, 1], 'certificate.syntax'],
    [3, [1, 2], 'accepted'],
    [3, [1, 1], 'certificate.syntax'],
    [3, [4], 'certificate.syntax'],
  ] as const)('version %d with %j: %s', (version, numbers, expected) => {
    expect(refusal(withIdentifiers(version, ...numbers))).toBe(expected);
  });
});
