import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  privateEncrypt,
} from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { EpochMillis, SignatureValue } from '../../../src/core/brand.ts';
import { toBase64 } from '../../../src/core/encoding.ts';
import {
  keyPolicyFault,
  SIGNATURE_ALGORITHMS,
  signatureAlgorithm,
} from '../../../src/core/xmldsig/algorithms.ts';
import { verifyDetached } from '../../../src/verifier/xmldsig/verify-detached.ts';
import { APPLICATION, PROFILES, QUALIFIED_APPLICATION } from '../../support/xmldsig/documents.ts';
import { testSigner } from '../../support/xmldsig/signers.ts';
import {
  AT,
  RSA_SHA256_SIGNING,
  replaceOnce,
  resign,
  type Signing,
  signatureValueText,
  signDocument,
  verdict,
  verify,
  withSignatureValue,
} from '../../support/xmldsig/signing.ts';

const SIGNATURE = 'signature-value xmldsig.signature';
const DIGEST = 'reference-digest xmldsig.digest';
const BASE64 = 'shape base64.invalid';

interface BlockOptions {
  readonly type?: number;
  readonly fill?: number;
  readonly pad?: number;
  /** Hexadecimal. */
  readonly tail?: string;
}

/** PKCS#1 v1.5 block type `type` around any octets, signed raw: 00 type FF… 00 rest, filled to 256 octets. */
function rawBlock(rest: Uint8Array, options: BlockOptions = {}): Signing {
  const { type = 1, fill = 0xff, tail = '' } = options;
  const { pad = 256 - 3 - rest.length - tail.length / 2 } = options;
  const start = Buffer.concat([
    Buffer.of(0, type),
    Buffer.alloc(pad, fill),
    Buffer.of(0),
    rest,
    Buffer.from(tail, 'hex'),
  ]);
  const block = Buffer.concat([start, Buffer.alloc(256 - start.length, 0xff)]);
  return (_, key) => privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, block);
}

const sha256 = (octets: Uint8Array) => createHash('sha256').update(octets).digest();
const hex = (text: string) => Buffer.from(text.replace(/ /g, ''), 'hex');
const PREFIX = '3031300d060960864801650304020105000420';

/** A DigestInfo written by hand, in place of the one DER form. */
const digestInfo =
  (prefix: string, options: BlockOptions = {}): Signing =>
  (octets, key) =>
    rawBlock(Buffer.concat([hex(prefix), sha256(octets)]), options)(octets, key);

describe.each(PROFILES)('signature values (S5, S6, S8, S9), profile %s', (profile) => {
  const document = signDocument(APPLICATION, profile);
  const signedAs = (signing: Signing) => verdict(verify(resign(document, { signing }), profile));

  it('S8 the one DER DigestInfo, made by hand, is good', () => {
    expect(signedAs(digestInfo(PREFIX))).toBe('TOTAL-PASSED');
  });

  it.each<[string, Signing]>([
    ['without NULL', digestInfo('302f300b0609608648016503040201 0420')],
    ['other parameters', digestInfo('3031300d060960864801650304020130000420')],
    ['BER long length outside', digestInfo('308131300d060960864801650304020105000420')],
    ['BER long length of the value', digestInfo('3032300d06096086480165030402010500048120')],
    ['indefinite length', digestInfo('3080300d060960864801650304020105000420', { tail: '0000' })],
    ['trailing octets inside', digestInfo('3033300d060960864801650304020105000420', { tail: '0500' })],
    ['OID of SHA-384', digestInfo('3031300d060960864801650304020205000420')],
    ['OID of SHA-1 with 32 octets', digestInfo('302d300906052b0e03021a05000420')],
    ['the hash alone, without DigestInfo', (octets, key) => rawBlock(sha256(octets))(octets, key)],
    ['block type 0', digestInfo(PREFIX, { type: 0, fill: 0 })],
    ['block type 2', digestInfo(PREFIX, { type: 2, fill: 0x55 })],
    ['padding of 7 octets, the rest at the end', digestInfo(PREFIX, { pad: 7 })],
    ['padding of 8 octets, the rest at the end', digestInfo(PREFIX, { pad: 8 })],
    ['padding not FF', digestInfo(PREFIX, { fill: 0xfe })],
  ])('S8 DigestInfo %s', (_, signing) => {
    expect(signedAs(signing)).toBe(SIGNATURE);
  });

  it('S6 a value over the double hash', () => {
    expect(signedAs((octets, key) => RSA_SHA256_SIGNING(sha256(octets), key))).toBe(SIGNATURE);
  });

  it('S5 a value over SignedInfo as it is written', () => {
    const written = /<SignedInfo>.*<\/SignedInfo>/s.exec(document)?.[0] ?? '';
    const spaced = replaceOnce(document, '<SignedInfo>', '<SignedInfo >');
    const value = toBase64(
      RSA_SHA256_SIGNING(
        Buffer.from(replaceOnce(written, '<SignedInfo>', '<SignedInfo >')),
        testSigner('rsa').privateKey,
      ),
    );
    expect(verdict(verify(spaced, profile))).toBe('TOTAL-PASSED');
    expect(verdict(verify(withSignatureValue(spaced, value), profile))).toBe(SIGNATURE);
  });

  it('S5 a value over SignedInfo without what it inherits', () => {
    const options = profile === 'enveloped' ? {} : { signedElement: { name: '申請書' } };
    const qualified = signDocument(QUALIFIED_APPLICATION, profile, options);
    const written = /<SignedInfo>.*<\/SignedInfo>/s.exec(qualified)?.[0] ?? '';
    const xmlns = profile === 'guideline' ? '' : ' xmlns="http://www.w3.org/2000/09/xmldsig#"';
    const alone = replaceOnce(written, '<SignedInfo>', `<SignedInfo${xmlns}>`);
    const value = toBase64(RSA_SHA256_SIGNING(Buffer.from(alone), testSigner('rsa').privateKey));
    expect(verdict(verify(qualified, profile, options))).toBe('TOTAL-PASSED');
    expect(verdict(verify(withSignatureValue(qualified, value), profile, options))).toBe(SIGNATURE);
  });

  const good = Buffer.from(signatureValueText(document), 'base64');
  const modulus = BigInt(
    `0x${Buffer.from(testSigner('rsa').publicKey.export({ format: 'jwk' }).n ?? '', 'base64url').toString('hex')}`,
  );
  const asNumber = BigInt(`0x${good.toString('hex')}`);
  const octets = (value: bigint, length: number) =>
    Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex');

  it.each<[string, Buffer]>([
    ['s + n', octets(asNumber + modulus, (asNumber + modulus).toString(16).length > 512 ? 257 : 256)],
    ['n - s', octets(modulus - asNumber, 256)],
    ['n', octets(modulus, 256)],
    ['0', Buffer.alloc(256)],
    ['1', octets(1n, 256)],
    ['255 octets', good.subarray(0, 255)],
    ['255 octets, the first left out', good.subarray(1)],
    ['257 octets, 00 before', Buffer.concat([Buffer.of(0), good])],
    ['257 octets, 00 after', Buffer.concat([good, Buffer.of(0)])],
    ['one octet', Buffer.of(1)],
  ])('S9 value %s', (_, value) => {
    expect(verdict(verify(withSignatureValue(document, toBase64(value)), profile))).toBe(SIGNATURE);
  });
});

describe.each(PROFILES)('digests and base64 (S4, S11, S12), profile %s', (profile) => {
  const document = signDocument(APPLICATION, profile);
  const digest = /<DigestValue>([^<]*)/.exec(document)?.[1] ?? '';
  const withDigest = (text: string) =>
    verdict(
      verify(resign(replaceOnce(document, /(<DigestValue>)[^<]*/, (_, tag) => `${tag}${text}`)), profile),
    );
  const hash = (text: string) => createHash('sha256').update(text).digest('base64');
  const element = /<申請書.*<\/申請書>/s.exec(document)?.[0] ?? '';

  it.each<[string, string]>([
    ['over other text', hash('other')],
    ['over uncanonical text', hash(element.replace('<申請日>', '<申請日 >'))],
    ['over the text only', hash(element.replace(/<[^>]*>/g, ''))],
    ['over another element', hash('<利用者情報></利用者情報>')],
    ['over nothing', hash('')],
    ['in hexadecimal', Buffer.from(digest, 'base64').toString('hex')],
    ['in base64url', Buffer.from(`fb${'0'.repeat(62)}`, 'hex').toString('base64url')],
    ['cut by an octet', Buffer.from(digest, 'base64').subarray(1).toString('base64')],
    ['doubled', digest + digest],
    ['empty', ''],
    ['with unused bits set', `${digest.slice(0, 42)}${String.fromCharCode(digest.charCodeAt(42) + 1)}=`],
  ])('S4 DigestValue %s', (_, text) => {
    expect(withDigest(text)).toBe(DIGEST);
  });

  it('a DigestValue with white space is the same DigestValue', () => {
    expect(withDigest(`\n  ${digest.slice(0, 20)}\t${digest.slice(20)}&#13;\n`)).toBe('TOTAL-PASSED');
  });

  const value = signatureValueText(document);
  const folded = value.replace(/.{76}/g, '$&\n');

  it.each<[string, string]>([
    ['url alphabet', `-_${value.slice(2)}`],
    ['no padding', value.replace(/=+$/, '')],
    ['too much padding', `${value}=`],
    ['padding in the middle', `${value.slice(0, 4)}==${value.slice(6)}`],
    ['junk', `${value.slice(0, 8)}*${value.slice(9)}`],
    ['no-break space', `${value.slice(0, 8)}\u00a0${value.slice(8)}`],
    ['ideographic space', `${value.slice(0, 8)}\u3000${value.slice(8)}`],
    ['fullwidth letter', `${value.slice(0, 8)}Ａ${value.slice(9)}`],
    ['zero width space', `${value.slice(0, 8)}\u200b${value.slice(8)}`],
    ['form feed by reference is no XML; next line instead', `${value.slice(0, 8)}\u0085${value.slice(8)}`],
    [
      'unused bits set',
      `${value.slice(0, -3)}${String.fromCharCode(value.charCodeAt(value.length - 3) + 1)}==`,
    ],
  ])('S11 SignatureValue with %s', (_, text) => {
    expect(verdict(verify(withSignatureValue(document, text), profile))).toBe(BASE64);
  });

  it('S11 X509Certificate with unused bits or junk', () => {
    const certificate = /<X509Certificate>([^<]*)/.exec(document)?.[1] ?? '';
    for (const text of [`${certificate.slice(0, 8)}*${certificate.slice(9)}`, certificate.slice(1)]) {
      const attack = replaceOnce(document, certificate, () => text);
      expect(verdict(verify(attack, profile))).toBe(BASE64);
    }
  });

  it('S12 one value in two spellings is one value by octets', () => {
    const plain = verify(document, profile);
    const spelled = verify(withSignatureValue(document, `\n${folded}\n`), profile);
    expect(verdict(spelled)).toBe('TOTAL-PASSED');
    expect(spelled.signatureValue).toEqual(plain.signatureValue);
    expect(spelled.signedOctetsSha256).toBe(plain.signedOctetsSha256);
  });
});

describe('key policy (S10), before any operation with the key', () => {
  const document = signDocument(APPLICATION, 'enveloped');
  const base = testSigner('rsa').publicKey.export({ format: 'jwk' });
  const withKey = (jwk: Record<string, unknown>): KeyObject =>
    createPublicKey({ format: 'jwk', key: { ...base, ...jwk } });
  const even = Buffer.from(base.n ?? '', 'base64url');
  even[255] = (even[255] ?? 0) & 0xfe;
  const big = Buffer.alloc(2048, 0xff).toString('base64url');

  it.each<[string, () => KeyObject]>([
    ['e = 3', () => withKey({ e: 'Aw' })],
    ['e = 1', () => withKey({ e: 'AQ' })],
    ['even e', () => withKey({ e: 'AQAA' })],
    ['huge e', () => withKey({ e: Buffer.alloc(255, 0xff).toString('base64url') })],
    ['even n', () => withKey({ n: even.toString('base64url') })],
    ['16,384-bit n', () => withKey({ n: big })],
    ['honest e = 3', () => testSigner('rsa-e3').publicKey],
    ['honest 1,024 bits', () => testSigner('rsa-1024').publicKey],
    ['P-521', () => testSigner('p521').publicKey],
    ['a private key', () => testSigner('rsa').privateKey],
  ])('%s', (_, key) => {
    const validation = verify(document, 'enveloped', { key: { kind: 'key', publicKey: key() } });
    expect(verdict(validation)).toBe('key-policy certificate.key-policy');
  });

  it('knows exactly the algorithms of its table', () => {
    for (const algorithm of SIGNATURE_ALGORITHMS) {
      expect(signatureAlgorithm(algorithm.uri)).toBe(algorithm);
      const accepting = algorithm.family === 'ecdsa' ? 'p256' : 'rsa';
      expect(keyPolicyFault(testSigner(accepting).publicKey, algorithm)).toBeUndefined();
      expect(
        keyPolicyFault(testSigner(accepting === 'rsa' ? 'p384' : 'rsa').publicKey, algorithm),
      ).toBeTypeOf('string');
    }
    expect(signatureAlgorithm('constructor')).toBeUndefined();
  });
});

describe('detached signatures (S6)', () => {
  const file = Buffer.from('利用規約に同意します。');
  const { privateKey, publicKey } = testSigner('rsa');
  const judge = (mode: 'digest-info' | 'digest', value: Uint8Array, key: KeyObject = publicKey) => {
    const { report } = verifyDetached(file, {
      mode,
      signatureValue: value as SignatureValue,
      publicKey: key,
      validationTime: AT as EpochMillis,
    });
    return report.checks.find(({ result }) => result !== 'passed')?.code ?? report.indication;
  };

  it('each mode verifies its own value and no other', () => {
    const once = RSA_SHA256_SIGNING(file, privateKey);
    const twice = RSA_SHA256_SIGNING(sha256(file), privateKey);
    expect(judge('digest-info', once)).toBe('TOTAL-PASSED');
    expect(judge('digest', twice)).toBe('TOTAL-PASSED');
    expect(judge('digest', once)).toBe('xmldsig.signature');
    expect(judge('digest-info', twice)).toBe('xmldsig.signature');
  });

  it('judges the key first', () => {
    const weak = createPrivateKey(testSigner('rsa-1024').privateKey.export({ type: 'pkcs8', format: 'pem' }));
    expect(judge('digest-info', RSA_SHA256_SIGNING(file, weak), createPublicKey(weak))).toBe(
      'certificate.key-policy',
    );
  });
});
