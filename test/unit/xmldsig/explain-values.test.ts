import { createHash, privateEncrypt, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SignatureValue } from '../../../src/core/brand.ts';
import { toUtf8 } from '../../../src/core/encoding.ts';
import { prepareSignature } from '../../../src/core/xmldsig/prepare.ts';
import { explainFileValue, explainPreparedValue } from '../../../src/verifier/explain/other-values.ts';
import { APPLICATION } from '../../support/xmldsig/documents.ts';
import { testSigner } from '../../support/xmldsig/signers.ts';

const { privateKey, publicKey } = testSigner('rsa');
const sha256 = (octets: Uint8Array) => createHash('sha256').update(octets).digest();
const by = (octets: Uint8Array) => ({
  value: sign('sha256', octets, privateKey) as Uint8Array as SignatureValue,
  publicKey,
});
const FILE = toUtf8('<?xml version="1.0"?>\r\n<r><a/>2026〜2027</r>\r\n');
const text = Buffer.from(FILE).toString();

describe('explainFileValue', () => {
  it.each<[string, Uint8Array]>([
    ['hashed-twice', sha256(FILE)],
    ['line-ends-lf', toUtf8(text.replaceAll('\r\n', '\n'))],
    ['without-trailing-line-end', toUtf8(text.trimEnd())],
    ['byte-order-mark', toUtf8(`\ufeff${text}`)],
    ['characters-cp932', toUtf8(text.replace('〜', '～'))],
    ['canonicalized', toUtf8('<r><a></a>2026〜2027</r>')],
  ])('names %s', (cause, octets) => {
    expect(explainFileValue(FILE, 'digest-info', by(octets))).toMatchObject({
      agrees: false,
      cause: { name: cause },
    });
  });

  it.each<[string, Uint8Array]>([
    ['mode-digest-info', FILE],
    ['line-ends-lf', sha256(toUtf8(text.replaceAll('\r\n', '\n')))],
    ['hashed-twice', sha256(sha256(FILE))],
  ])('names %s in mode digest', (cause, octets) => {
    expect(explainFileValue(FILE, 'digest', by(octets))).toMatchObject({
      agrees: false,
      cause: { name: cause },
    });
  });

  it('agrees with a right value in either mode, and names nothing for another file', () => {
    expect(explainFileValue(FILE, 'digest-info', by(FILE)).agrees).toBe(true);
    expect(explainFileValue(FILE, 'digest', by(sha256(FILE))).agrees).toBe(true);
    const other = explainFileValue(FILE, 'digest-info', by(toUtf8('another file')));
    expect(other).toMatchObject({ agrees: false, opened: true });
    expect(other.cause).toBeUndefined();
  });
});

describe('explainPreparedValue', () => {
  const prepared = prepareSignature(toUtf8(APPLICATION), { profile: 'enveloped' });

  it('names what was done otherwise between SignedInfo and card', () => {
    const bare = privateEncrypt(
      privateKey,
      sha256(prepared.signedInfoOctets),
    ) as Uint8Array as SignatureValue;
    expect(explainPreparedValue(prepared, { value: bare, publicKey })?.cause?.name).toBe('no-digest-info');
    expect(explainPreparedValue(prepared, by(sha256(prepared.signedInfoOctets)))?.cause?.name).toBe(
      'hashed-twice',
    );
    const written = toUtf8(
      Buffer.from(by(prepared.signedInfoOctets).value).toString('base64'),
    ) as SignatureValue;
    expect(explainPreparedValue(prepared, { value: written, publicKey })?.cause?.name).toBe('base64-twice');
    expect(explainPreparedValue(prepared, by(prepared.signedInfoOctets))?.agrees).toBe(true);
  });
});
