import { describe, expect, it } from 'vitest';
import { asSha256Digest, equalOctets, Sha256Sink, sha256 } from '../../../src/core/digest/sha256.ts';
import {
  assertSigningInput,
  digestInfo,
  digestOfSigningInput,
  hashOfSigningInput,
  signingDigest,
  signingInput,
} from '../../../src/core/digest/signing-input.ts';
import { fromUtf8, toBase64, toHex, toUtf8 } from '../../../src/core/encoding.ts';
import { refusal } from '../../support/refusal.ts';

const CONSENT = toUtf8('利用規約に同意します。');
const DIGEST_DATA = 'XIh3yqL9yiAUQkuovXqx+xKZOwameHZx7OCoTRdlJrQ=';
const DIGEST_INFO_DATA = 'MDEwDQYJYIZIAWUDBAIBBQAEIFyId8qi/cogFEJLqL16sfsSmTsGpnh2cezgqE0XZSa0';
const digest = sha256(CONSENT);
const data = (hexadecimal: string): string => Buffer.from(hexadecimal, 'hex').toString('base64');
const PREFIX = '3031300d060960864801650304020105000420';
const HASH = toHex(digest);

describe('data for the start request', () => {
  it('agrees with the known vector in both modes', () => {
    expect(HASH).toBe('5c8877caa2fdca2014424ba8bd7ab1fb12993b06a6787671ece0a84d176526b4');
    expect(signingInput('digest', digest)).toBe(DIGEST_DATA);
    expect(signingInput('digest-info', digest)).toBe(DIGEST_INFO_DATA);
    expect(digestInfo(digest)).toHaveLength(51);
    expect(toHex(digestOfSigningInput(DIGEST_INFO_DATA, 'digest-info'))).toBe(HASH);
    expect(toHex(sha256(digest))).toBe('99527f5adf535717fd8daf4ef29617792a4e6abf70f60d18b1baad176c495f8c');
  });

  it('is accepted from elsewhere when it is exactly what the mode asks for', () => {
    expect(assertSigningInput(DIGEST_DATA, 'digest')).toBe(DIGEST_DATA);
    expect(assertSigningInput(DIGEST_INFO_DATA, 'digest-info')).toBe(DIGEST_INFO_DATA);
  });

  it.each([
    ['the other mode', DIGEST_DATA],
    ['SHA-1 DigestInfo', data('3021300906052b0e03021a05000414da39a3ee5e6b4b0d3255bfef95601890afd80709')],
    ['SHA-384 prefix', data(`3031300d060960864801650304020205000420${HASH}`)],
    ['no NULL', data(`302f300b0609608648016503040201${'0420'}${HASH}`)],
    ['31 octets of hash', data(PREFIX + HASH.slice(2))],
    ['33 octets of hash', data(`${PREFIX + HASH}00`)],
    ['hexadecimal', PREFIX + HASH],
    ['white space', `${DIGEST_INFO_DATA}\n`],
    ['base64url', DIGEST_INFO_DATA.replaceAll('/', '_').replaceAll('+', '-')],
    ['unused bits', `${data(PREFIX + HASH).slice(0, -1)}=`],
    ['the zero hash', data(PREFIX + '00'.repeat(32))],
    ['the hash of nothing', data(`${PREFIX}${toHex(sha256(new Uint8Array(0)))}`)],
    ['nothing', ''],
  ])('refuses %s in mode digest-info', (_name, text) => {
    expect(refusal(() => assertSigningInput(text, 'digest-info')).code).toBe('digest.data');
  });

  it.each([DIGEST_INFO_DATA, data(HASH.slice(2)), data(`${HASH}00`), data('00'.repeat(32)), HASH, ''])(
    'refuses %s in mode digest',
    (text) => {
      expect(refusal(() => assertSigningInput(text, 'digest')).code).toBe('digest.data');
    },
  );
});

describe('data with SHA-384', () => {
  const long = signingDigest('sha384', CONSENT);
  const INFO = '3041300d060960864801650304020205000430';

  it('is DigestInfo and hash, or the hash alone, and tells its hash', () => {
    expect(toHex(digestInfo(long))).toBe(`${INFO}${toHex(long)}`);
    for (const [mode, octets] of [
      ['digest-info', 67],
      ['digest', 48],
    ] as const) {
      const made = signingInput(mode, long);
      expect(Buffer.from(made, 'base64')).toHaveLength(octets);
      expect(assertSigningInput(made, mode)).toBe(made);
      expect(hashOfSigningInput(made, mode)).toBe('sha384');
      expect(toHex(digestOfSigningInput(made, mode))).toBe(toHex(long));
      const other = mode === 'digest' ? 'digest-info' : 'digest';
      expect(refusal(() => assertSigningInput(made, other)).code).toBe('digest.data');
    }
    expect(hashOfSigningInput(DIGEST_DATA, 'digest')).toBe('sha256');
  });

  it.each([
    ['the prefix of SHA-256', data(`${PREFIX}${'ab'.repeat(48)}`), 'digest-info'],
    [
      'the prefix of SHA-512',
      data(`3051300d060960864801650304020305000440${'ab'.repeat(48)}`),
      'digest-info',
    ],
    ['the zero hash', data(`${INFO}${'00'.repeat(48)}`), 'digest-info'],
    ['the hash of nothing', data(toHex(signingDigest('sha384', new Uint8Array(0)))), 'digest'],
    ['a SHA-256 in hexadecimal, which has 48 octets as base64', HASH, 'digest'],
    ['the same in upper case', HASH.toUpperCase(), 'digest'],
  ] as const)('refuses %s', (_name, text, mode) => {
    expect(refusal(() => assertSigningInput(text, mode)).code).toBe('digest.data');
  });

  it('of no other length', () => {
    expect(refusal(() => digestInfo(new Uint8Array(64))).code).toBe('digest.length');
  });
});

describe('SHA-256', () => {
  it('is the same in pieces', () => {
    const sink = new Sha256Sink();
    sink.update(CONSENT.subarray(0, 5));
    sink.update(CONSENT.subarray(5));
    expect(toBase64(sink.digest())).toBe(toBase64(digest));
    expect(fromUtf8(CONSENT)).toHaveLength(11);
  });

  it('has 32 octets', () => {
    expect(refusal(() => asSha256Digest(new Uint8Array(31))).code).toBe('digest.length');
    expect(asSha256Digest(digest)).toEqual(digest);
  });

  it('is compared whole', () => {
    expect(equalOctets(digest, Uint8Array.from(digest))).toBe(true);
    expect(equalOctets(digest, digest.subarray(1))).toBe(false);
    expect(
      equalOctets(
        digest,
        Uint8Array.from(digest, (octet, i) => (i === 31 ? octet ^ 1 : octet)),
      ),
    ).toBe(false);
  });
});
