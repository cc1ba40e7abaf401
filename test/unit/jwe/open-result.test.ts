import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CompactJwe } from '../../../src/core/brand.ts';
import { openResult } from '../../../src/verifier/jwe/open-result.ts';
import {
  CONTENT,
  codeOf,
  encrypt,
  encryptByHand,
  held,
  keptElsewhere,
  type TestKey,
  testKey,
  withHeader,
  withPart,
} from './bundle-kit.ts';

const key = await testKey('k1');
const other = await testKey('k2');
const good = await encrypt(key, { header: { kid: 'k1' } });
const octets = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));

/** Both forms of a key open the same bundles and refuse the same ones with the same codes. */
describe.each([
  ['a key at hand, through jose', held],
  ['a key kept elsewhere, through its shared secret', keptElsewhere],
])('%s', (_form, form) => {
  const openJwe = (jwe: CompactJwe, keys: readonly TestKey[]) => openResult(jwe, keys.map(form));
  const open = (jwe: CompactJwe, keys = [key]) => codeOf(() => openJwe(jwe, keys));

  describe('opening a bundle', () => {
    it.each(['A256GCM', 'A128GCM', 'A128CBC-HS256', 'A256CBC-HS512'])('%s', async (enc) => {
      const opened = await openJwe(await encrypt(key, { enc, header: { kid: 'k1' } }), [other, key]);
      expect(opened).toEqual({
        certificate: octets(CONTENT.certificate),
        signatureValue: octets(CONTENT.signature),
        spelling: [],
        kid: 'k1',
      });
    });

    it('agrees with an encryption that is not of jose', async () => {
      const recipient = createPublicKey({ format: 'jwk', key: { ...key.publicJwk } });
      const jwe = encryptByHand(recipient, { kid: 'k1' }, JSON.stringify(CONTENT));
      expect((await openJwe(jwe, [key])).certificate).toEqual(octets(CONTENT.certificate));
    });

    it('tries every usable key when the header names none', async () => {
      const jwe = await encrypt(other);
      expect((await openJwe(jwe, [key, other])).kid).toBe('k2');
      expect(await open(jwe, [key])).toBe('jwe.decrypt');
    });

    it('accepts the second name of each member', async () => {
      const plaintext = JSON.stringify({
        sign_certificate: CONTENT.certificate,
        signature_value: CONTENT.signature,
      });
      const opened = await openJwe(await encrypt(key, { plaintext }), [key]);
      expect(opened.signatureValue).toEqual(octets(CONTENT.signature));
    });
  });

  describe('J7, J8: keys', () => {
    it('a kid that is not here', async () => {
      expect(await open(good, [other])).toBe('key.not-found');
    });
    it('no key at all', async () => {
      expect(await open(await encrypt(key), [])).toBe('key.not-found');
    });
    it('an expired key', async () => {
      expect(await open(good, [{ ...key, state: 'expired' }])).toBe('key.state');
      expect(await open(await encrypt(key), [{ ...key, state: 'expired' }])).toBe('key.state');
    });
    it('a key in overlap still opens', async () => {
      expect(await open(good, [{ ...key, state: 'overlap' }])).toBe('accepted');
    });
  });

  describe('J6: every failure of the decryption is one code with one message', () => {
    const flip = (part: Buffer) => Buffer.concat([Buffer.from([(part[0] ?? 0) ^ 1]), part.subarray(1)]);
    it.each(['A256GCM', 'A128CBC-HS256'])('%s', async (enc) => {
      const jwe = await encrypt(key, { enc, header: { kid: 'k1' } });
      const cases = [
        withPart(jwe, 2, flip),
        withPart(jwe, 3, flip),
        withPart(jwe, 3, (body) => body.subarray(0, -1)),
        withPart(jwe, 3, (body) => body.subarray(0, 1)),
        withPart(jwe, 4, flip),
        withPart(jwe, 4, (tag) => tag.subarray(0, 4)),
        withHeader(jwe, (header) => ({ ...header, apu: 'QUJD' })),
        withHeader(jwe, (header) => ({ ...header, extra: 1 })),
        await encrypt(other, { enc, header: { kid: 'k1' } }),
      ];
      const errors = await Promise.all(
        cases.map((one) =>
          openJwe(one, [key]).then(String, (e: Error & { code: string }) => `${e.code} ${e.message}`),
        ),
      );
      expect(new Set(errors)).toEqual(new Set(['jwe.decrypt The JWE could not be decrypted.']));
    });

    it('octets moved from the tag to the ciphertext do not open', async () => {
      const [header, , iv, body = '', tag = ''] = good.split('.');
      const all = Buffer.concat([Buffer.from(body, 'base64url'), Buffer.from(tag, 'base64url')]);
      const moved = [
        header,
        '',
        iv,
        all.subarray(0, -4).toString('base64url'),
        all.subarray(-4).toString('base64url'),
      ];
      expect(await open(moved.join('.') as CompactJwe)).toBe('jwe.decrypt');
    });
  });

  describe('J11, J12: content', () => {
    const { certificate, signature } = CONTENT;
    it.each([
      ['white space', ' '],
      ['not JSON', 'certificate'],
      ['a JWE in a JWE', good],
      ['an array', JSON.stringify([certificate, signature])],
      ['nested', JSON.stringify({ certificate: { certificate }, signature })],
      ['certificate missing', JSON.stringify({ signature })],
      ['signature missing', JSON.stringify({ certificate })],
      [
        'certificate twice',
        `{"certificate":"${certificate}","certificate":"${certificate}","signature":"${signature}"}`,
      ],
      ['under both names', JSON.stringify({ certificate, sign_certificate: certificate, signature })],
      ['a number', JSON.stringify({ certificate: 5, signature })],
      ['an empty string', JSON.stringify({ certificate: '', signature })],
      ['base64 and base64url in one', JSON.stringify({ certificate: '__+_', signature })],
      ['two bundles in one', JSON.stringify({ one: CONTENT, two: CONTENT })],
      ['nested twice', JSON.stringify({ a: { b: CONTENT } })],
      [
        'PEM of two labels',
        JSON.stringify({ certificate: `-----BEGIN A-----\n${certificate}\n-----END B-----`, signature }),
      ],
      ['padding too many', JSON.stringify({ certificate: 'QUI===', signature })],
      ['unused bits set', JSON.stringify({ certificate: 'QQ==', signature: 'QR==' })],
      ['too long a certificate', JSON.stringify({ certificate: 'QUJD'.repeat(6000), signature })],
      ['a trailing octet', `${JSON.stringify(CONTENT)}x`],
      ['two BOMs', `\ufeff\ufeff${JSON.stringify(CONTENT)}`],
    ])('%s', async (_name, plaintext) => {
      expect(await open(await encrypt(key, { plaintext }))).toBe('jwe.content');
    });
    const folded = (text: string, end: string) => text.replace(/.{1,64}/g, `$&${end}`);
    const pem = (label: string, text: string) =>
      `-----BEGIN ${label}-----\n${folded(text, '\n')}-----END ${label}-----\n`;
    const urlSafe = (text: string) => text.replaceAll('+', '-').replaceAll('/', '_');
    const bare = (text: string) => text.replace(/=+$/, '');
    it.each([
      ['as expected', JSON.stringify(CONTENT), []],
      ['a BOM', `\ufeff${JSON.stringify(CONTENT)}`, ['bom']],
      ['in one member', JSON.stringify({ result: CONTENT, status: 'ok' }), ['nested']],
      [
        'CRLF every 64',
        JSON.stringify({ certificate: folded(certificate, '\r\n'), signature }),
        ['white-space'],
      ],
      ['a line end', JSON.stringify({ certificate, signature: `${signature}\n` }), ['white-space']],
      ['PEM', JSON.stringify({ certificate: pem('CERTIFICATE', certificate), signature }), ['pem']],
      ['without padding', JSON.stringify({ certificate, signature: bare(signature) }), ['no-padding']],
      [
        'all at once',
        `\ufeff${JSON.stringify({ x: { certificate: urlSafe(bare(certificate)), signature: urlSafe(bare(folded(signature, '\n'))) } })}`,
        undefined,
      ],
    ])('in another spelling, the same octets and told: %s', async (_name, plaintext, spelling) => {
      const opened = await openJwe(await encrypt(key, { plaintext }), [key]);
      expect(Buffer.from(opened.certificate).toString('base64')).toBe(certificate);
      expect(Buffer.from(opened.signatureValue).toString('base64')).toBe(signature);
      if (spelling === undefined) expect(opened.spelling).toEqual(expect.arrayContaining(['bom', 'nested']));
      else
        expect(opened.spelling).toEqual(
          certificate === bare(certificate) ? spelling : expect.arrayContaining(spelling),
        );
    });
    it('not UTF-8', async () => {
      expect(await open(await encrypt(key, { plaintext: new Uint8Array([0x7b, 0xff, 0x7d]) }))).toBe(
        'jwe.content',
      );
    });
    it('the error holds nothing of the plaintext', async () => {
      const jwe = await encrypt(key, { plaintext: '{"MARKED-NAME":"MARKED-VALUE"}' });
      const error = await openJwe(jwe, [key]).catch((e: Error) => e);
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('MARKED');
    });
  });

  describe('J6: lengths of iv and tag', () => {
    it.each([4, 12, 0, 15, 17])('a tag of %i octets', async (length) => {
      const jwe = withPart(good, 4, (tag) => Buffer.concat([tag, Buffer.alloc(1)]).subarray(0, length));
      expect(await open(jwe)).toBe('jwe.decrypt');
    });
    it.each([0, 8, 16])('an iv of %i octets', async (length) => {
      expect(await open(withPart(good, 2, (iv) => Buffer.concat([iv, iv]).subarray(0, length)))).toBe(
        'jwe.decrypt',
      );
    });
  });
});

describe('a key kept elsewhere', () => {
  const keeper = (deriveSharedSecret: TestKey['deriveSharedSecret']) => [
    keptElsewhere({ ...key, deriveSharedSecret }),
  ];

  it('agrees with jose on every enc, with apu and apv, whatever is flipped', async () => {
    for (const enc of ['A256GCM', 'A128GCM', 'A128CBC-HS256', 'A256CBC-HS512']) {
      const jwe = await encrypt(key, { enc, header: { kid: 'k1' }, partyInfo: ['sender', 'receiver'] });
      const parts = jwe.split('.');
      const variants = [jwe];
      for (const part of [2, 3, 4]) {
        for (let bit = 0; bit < 16; bit += 1) {
          const octetsOf = Buffer.from(parts[part] ?? '', 'base64url');
          octetsOf[bit >> 1] = (octetsOf[bit >> 1] ?? 0) ^ (1 << (bit & 7));
          const changed = parts.with(part, octetsOf.toString('base64url'));
          variants.push(changed.join('.') as CompactJwe);
        }
      }
      for (const variant of variants) {
        const [one, two] = await Promise.all(
          [held, keptElsewhere].map((form) => codeOf(() => openResult(variant, [form(key)]))),
        );
        expect([one, variant === jwe]).toEqual([two, one === 'accepted']);
      }
    }
  });

  it('whose keeper does not answer, or answers nonsense, is a matter of later and says nothing of it', async () => {
    const secret = new Error('MARKED-ADDRESS');
    const failures = [
      keeper(() => Promise.reject(secret)),
      keeper(async () => new Uint8Array(31)),
      keeper(async () => new Uint8Array(0)),
    ];
    for (const keys of failures) {
      const error = await openResult(good, keys).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'key.unavailable', at: 'k1', retryable: true });
      expect(String(error)).not.toContain('MARKED');
    }
  });

  it('is asked for the very point of the header', async () => {
    const asked: Uint8Array[] = [];
    const keys = keeper((point) => {
      asked.push(point);
      return key.deriveSharedSecret(point);
    });
    expect((await openResult(good, keys)).kid).toBe('k1');
    const { epk } = JSON.parse(Buffer.from(good.split('.')[0] ?? '', 'base64url').toString());
    const point = Buffer.concat([
      Buffer.of(4),
      Buffer.from(epk.x, 'base64url'),
      Buffer.from(epk.y, 'base64url'),
    ]);
    expect(asked).toEqual([point]);
  });
});
