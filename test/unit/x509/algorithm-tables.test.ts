import { constants, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openDer } from '../../../src/verifier/x509/der.ts';
import { stringValue } from '../../../src/verifier/x509/der-strings.ts';
import { timeValue } from '../../../src/verifier/x509/der-values.ts';
import { publicKeyParts } from '../../../src/verifier/x509/public-key.ts';
import { signatureScheme, verifySignature } from '../../../src/verifier/x509/signature-algorithm.ts';
import {
  bmp,
  contextConstructed,
  encodeDer,
  encodeOid,
  integer,
  nullElement,
  sequence,
  TAG,
} from '../../support/pki/der-encode.ts';
import { keyBits } from '../../support/pki/test-pki.ts';

const OCTETS = new TextEncoder().encode('signed');
const NULL = nullElement();
const identifier = (oid: string, parameters?: Uint8Array) => ({ oid, parameters, der: new Uint8Array() });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const ed = generateKeyPairSync('ed25519');
const dsa = generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 });

/** RFC 3279, RFC 5754, RFC 5758, RFC 8410: OID, kind of key, hash, and whether NULL parameters are allowed. */
const SCHEMES = [
  ['1.2.840.113549.1.1.5', 'rsa-pkcs1', 'sha1', rsa],
  ['1.2.840.113549.1.1.11', 'rsa-pkcs1', 'sha256', rsa],
  ['1.2.840.113549.1.1.12', 'rsa-pkcs1', 'sha384', rsa],
  ['1.2.840.113549.1.1.13', 'rsa-pkcs1', 'sha512', rsa],
  ['1.2.840.10045.4.1', 'ecdsa', 'sha1', ec('P-256')],
  ['1.2.840.10045.4.3.2', 'ecdsa', 'sha256', ec('P-256')],
  ['1.2.840.10045.4.3.3', 'ecdsa', 'sha384', ec('P-384')],
  ['1.2.840.10045.4.3.4', 'ecdsa', 'sha512', ec('P-521')],
  ['1.2.840.10040.4.3', 'dsa', 'sha1', dsa],
  ['1.3.101.112', 'ed25519', null, ed],
] as const;

describe.each(SCHEMES)('signature algorithm %s (%s, %s)', (oid, type, hash, { publicKey, privateKey }) => {
  const scheme = signatureScheme(identifier(oid));
  const signature = sign(hash, OCTETS, privateKey);

  it('is known by its OID, with the parameters of its standard and no others', () => {
    expect(scheme).toEqual(type === 'ed25519' ? { type } : { type, hash });
    expect(signatureScheme(identifier(oid, NULL))).toEqual(type === 'rsa-pkcs1' ? scheme : undefined);
    expect(signatureScheme(identifier(oid, integer(0)))).toBeUndefined();
    expect(signatureScheme(identifier(oid, new Uint8Array([5, 1, 0])))).toBeUndefined();
    expect(signatureScheme(identifier(`${oid}.1`))).toBeUndefined();
  });

  it('verifies what its key signed, nothing else, and with no key of another kind', () => {
    if (scheme === undefined) throw new Error('unknown');
    expect(verifySignature(scheme, publicKey, OCTETS, signature)).toBe(true);
    expect(verifySignature(scheme, publicKey, OCTETS.subarray(1), signature)).toBe(false);
    expect(verifySignature(scheme, publicKey, OCTETS, signature.subarray(1))).toBe(false);
    for (const [, other, , keys] of SCHEMES.filter(([, kind]) => kind !== type)) {
      expect(verifySignature(scheme, keys.publicKey, OCTETS, signature), other).toBe(false);
    }
  });
});

const HASHES = [
  ['2.16.840.1.101.3.4.2.1', 'sha256', 32],
  ['2.16.840.1.101.3.4.2.2', 'sha384', 48],
  ['2.16.840.1.101.3.4.2.3', 'sha512', 64],
] as const;
const SHA1 = '1.3.14.3.2.26';
const PSS = '1.2.840.113549.1.1.10';
const MGF1 = '1.2.840.113549.1.1.8';

interface PssSpec {
  readonly hash: string;
  readonly maskHash?: string;
  readonly mask?: string;
  readonly salt: number;
  readonly after?: readonly Uint8Array[];
  readonly hashParameters?: readonly Uint8Array[];
}

function pss({ hash, maskHash = hash, mask = MGF1, salt, after = [], hashParameters = [NULL] }: PssSpec) {
  const algorithm = (oid: string) => sequence(encodeOid(oid), ...hashParameters);
  return sequence(
    encodeDer(contextConstructed(0), algorithm(hash)),
    encodeDer(contextConstructed(1), sequence(encodeOid(mask), algorithm(maskHash))),
    encodeDer(contextConstructed(2), integer(salt)),
    ...after,
  );
}

describe('RSASSA-PSS parameters (RFC 4055 section 3.1)', () => {
  const schemeOf = (spec: PssSpec) => signatureScheme(identifier(PSS, pss(spec)));

  it.each(HASHES)('hash %s (%s) with its own length of salt is known and verifies', (oid, hash, salt) => {
    const scheme = schemeOf({ hash: oid, salt });
    expect(scheme).toEqual({ type: 'rsa-pss', hash, saltLength: salt });
    expect(schemeOf({ hash: oid, salt, hashParameters: [] })).toEqual(scheme);
    if (scheme === undefined) return;
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    const signature = sign(hash, OCTETS, { key: rsa.privateKey, padding, saltLength: salt });
    expect(verifySignature(scheme, rsa.publicKey, OCTETS, signature)).toBe(true);
    const otherSalt = sign(hash, OCTETS, { key: rsa.privateKey, padding, saltLength: salt - 1 });
    expect(verifySignature(scheme, rsa.publicKey, OCTETS, otherSalt)).toBe(false);
    const pkcs1 = sign(hash, OCTETS, rsa.privateKey);
    expect(verifySignature(scheme, rsa.publicKey, OCTETS, pkcs1)).toBe(false);
  });

  it.each(
    HASHES.flatMap(
      ([oid, , salt]) =>
        [
          ['a shorter salt', { hash: oid, salt: salt - 1 }],
          ['a longer salt', { hash: oid, salt: salt + 1 }],
          ['no salt', { hash: oid, salt: 0 }],
          [
            'another hash in the mask',
            { hash: oid, salt, maskHash: HASHES.find(([other]) => other !== oid)?.[0] ?? '' },
          ],
          ['SHA-1 in the mask', { hash: oid, salt, maskHash: SHA1 }],
          ['another mask', { hash: oid, salt, mask: PSS }],
          ['a trailer field', { hash: oid, salt, after: [encodeDer(contextConstructed(3), integer(1))] }],
          [
            'a trailer field of 2',
            { hash: oid, salt, after: [encodeDer(contextConstructed(3), integer(2))] },
          ],
          ['parameters of the hash that are no NULL', { hash: oid, salt, hashParameters: [integer(0)] }],
          ['two parameters of the hash', { hash: oid, salt, hashParameters: [NULL, NULL] }],
        ] as const satisfies readonly (readonly [string, PssSpec])[],
    ),
  )('refuses %s', (_name, spec) => {
    expect(schemeOf(spec)).toBeUndefined();
  });

  it('refuses SHA-1, defaults, and nothing', () => {
    expect(schemeOf({ hash: SHA1, salt: 20 })).toBeUndefined();
    expect(signatureScheme(identifier(PSS, sequence()))).toBeUndefined();
    expect(signatureScheme(identifier(PSS))).toBeUndefined();
    expect(signatureScheme(identifier(PSS, NULL))).toBeUndefined();
  });
});

describe('kinds of public keys', () => {
  const partsOf = (key: Uint8Array, parameters?: Uint8Array) => () =>
    publicKeyParts({ algorithm: identifier('1.3.101.112', parameters), key, der: new Uint8Array() });
  const raw = keyBits(new Uint8Array(ed.publicKey.export({ type: 'spki', format: 'der' })));

  it('Ed25519 has 32 octets and no parameters', () => {
    expect(partsOf(raw)()).toEqual({ type: 'ed25519' });
    for (const wrong of [raw.subarray(1), new Uint8Array([...raw, 0]), new Uint8Array()])
      expect(partsOf(wrong)).toThrow(expect.objectContaining({ code: 'certificate.key-policy' }));
    expect(partsOf(raw, NULL)).toThrow(expect.objectContaining({ code: 'certificate.key-policy' }));
  });

  it.each([
    ['P-256', '1.2.840.10045.3.1.7', 32],
    ['P-384', '1.3.132.0.34', 48],
    ['P-521', '1.3.132.0.35', 66],
  ])('%s is known by its named curve and the size of its points', (curve, oid, size) => {
    const point = keyBits(new Uint8Array(ec(curve).publicKey.export({ type: 'spki', format: 'der' })));
    const parts =
      (key: Uint8Array, parameters = encodeOid(oid)) =>
      () =>
        publicKeyParts({
          algorithm: identifier('1.2.840.10045.2.1', parameters),
          key,
          der: new Uint8Array(),
        });
    expect(parts(point)()).toEqual({
      type: 'ec',
      curve,
      x: point.slice(1, 1 + size),
      y: point.slice(1 + size),
    });
    const wrong = [
      parts(point.subarray(0, -1)),
      parts(new Uint8Array([...point, 0])),
      parts(new Uint8Array([2, ...point.subarray(1, 1 + size)])),
      parts(point, encodeOid('1.3.132.0.10')),
      parts(point, sequence(integer(1))),
    ];
    for (const each of wrong)
      expect(each).toThrow(expect.objectContaining({ code: 'certificate.key-policy' }));
  });
});

describe('edges of DER values', () => {
  const generalized = (text: string) => () =>
    timeValue(openDer(encodeDer(0x18, new TextEncoder().encode(text)), 0x18));

  it.each([
    ['20000229000000Z', true],
    ['20000230000000Z', false],
    ['19000229000000Z', false],
    ['21000229000000Z', false],
    ['24000229000000Z', true],
    ['20240229000000Z', true],
    ['20230229000000Z', false],
    ['20230228235959Z', true],
    ['20230431000000Z', false],
    ['20230430000000Z', true],
    ['20230631000000Z', false],
    ['20230931000000Z', false],
    ['20231131000000Z', false],
    ['20230131000000Z', true],
    ['20230132000000Z', false],
    ['20231231235959Z', true],
    ['20231301000000Z', false],
    ['20230001000000Z', false],
    ['20230100000000Z', false],
    ['20230101240000Z', false],
    ['20230101230000Z', true],
    ['20230101006000Z', false],
    ['20230101005900Z', true],
    ['20230101000060Z', false],
    ['20230101000059Z', true],
  ])('the time %s is a day of the calendar: %s', (text, good) => {
    const read = generalized(text);
    if (!good) expect(read).toThrow(expect.objectContaining({ code: 'der.invalid' }));
    else {
      const iso = text.replace(/^(....)(..)(..)(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z');
      expect(read()).toBe(Date.parse(iso));
    }
  });

  it.each([
    [0xd7ff, true],
    [0xd800, false],
    [0xdbff, false],
    [0xdc00, false],
    [0xdfff, false],
    [0xe000, true],
    [0xffff, true],
  ])('a BMPString with the unit %i: %s', (unit, good) => {
    const der = encodeDer(0x1e, new Uint8Array([unit >> 8, unit & 0xff]));
    const read = () => stringValue(openDer(der, 0x1e));
    if (good) expect(read()).toBe(String.fromCharCode(unit));
    else expect(read).toThrow(expect.objectContaining({ code: 'der.invalid' }));
    expect(bmp('あ')).toEqual(encodeDer(0x1e, new Uint8Array([0x30, 0x42])));
    expect(TAG.sequence).toBe(0x30);
  });
});
