import { describe, expect, it } from 'vitest';
import type { CompactJwe } from '../../../src/core/brand.ts';
import { readBundleHeader } from '../../../src/verifier/jwe/bundle-header.ts';
import { otherSpellings } from '../../support/compact-spellings.ts';
import { codeOf, encrypt, testKey, withHeader, withRawHeader } from './bundle-kit.ts';

const key = await testKey('k1');
const good = await encrypt(key, { header: { kid: 'k1' } });
const rest = good.split('.').slice(1);
const judge = (jwe: string) => codeOf(() => readBundleHeader(jwe as CompactJwe));
const epkWith = (change: Record<string, unknown>) =>
  withHeader(good, (header) => ({ ...header, epk: { ...(header['epk'] as object), ...change } }));
const hex = (digits: string) => Buffer.from(digits.padStart(64, '0'), 'hex').toString('base64url');

describe('the header of a good bundle', () => {
  it.each(['A256GCM', 'A128GCM', 'A128CBC-HS256', 'A256CBC-HS512'])('accepts enc %s', async (enc) => {
    expect(readBundleHeader(await encrypt(key, { enc, header: { kid: 'k1' } }))).toMatchObject({
      enc,
      kid: 'k1',
      lengths: 'right',
    });
  });

  it('accepts one without kid, and with apu, apv, cty and typ', async () => {
    const header = { typ: 'JWE', cty: 'json' };
    const read = readBundleHeader(await encrypt(key, { header }));
    expect(read).toMatchObject({ enc: 'A256GCM', lengths: 'right' });
    expect([read.kid, read.ephemeralKey.length, read.partyInfo.u.length]).toEqual([undefined, 65, 0]);
    const party = readBundleHeader(withHeader(good, (old) => ({ ...old, apu: 'QQ', apv: 'Qg' })));
    expect(party.kid).toBe('k1');
    expect([...party.partyInfo.u, ...party.partyInfo.v]).toEqual([0x41, 0x42]);
  });
});

describe('J1: epk that is not a point of P-256', () => {
  const p = 'ffffffff00000001000000000000000000000000ffffffffffffffffffffffff';
  const unreduced = (BigInt(`0x${p}`) + 5n).toString(16);
  // 5 is the least x of a point of P-256; p + 5 is the same point with an unreduced coordinate.
  const yOfFive = '459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc';
  it('accepts the control point with x = 5', async () => {
    expect(await judge(epkWith({ x: hex('05'), y: hex(yOfFive) }))).toBe('accepted');
  });
  it.each([
    ['off the curve', { y: hex('05') }],
    ['zero', { x: hex('00'), y: hex('00') }],
    ['x not below the prime', { x: hex(unreduced), y: hex(yOfFive) }],
    ['x equal to the prime', { x: hex(p) }],
    ['31 octets', { x: hex('05').slice(0, 42) }],
    ['33 octets', { x: `${hex('05')}A` }],
    ['padded', { x: `${hex('05').slice(0, 42)}=` }],
    ['standard base64 alphabet', { x: `+${hex('05').slice(1)}` }],
    ['labelled P-384', { crv: 'P-384' }],
    ['labelled secp256k1', { crv: 'secp256k1' }],
    ['curve in lower case', { crv: 'p-256' }],
    ['oct', { kty: 'oct', k: 'AAAA' }],
    ['OKP', { kty: 'OKP', crv: 'X25519' }],
    ['coordinate is a number', { x: 5 }],
    ['coordinate is null', { y: null }],
    ['with a private member', { d: hex('05') }],
  ])('%s', async (_name, change) => {
    expect(await judge(epkWith(change))).toBe('jwe.key');
  });
  it.each([['a string'], [null], [[1]], [7]])('epk is %j', async (epk) => {
    expect(await judge(withHeader(good, (header) => ({ ...header, epk })))).toBe('jwe.key');
  });
  it('epk is missing', async () => {
    expect(await judge(withHeader(good, ({ epk: _gone, ...header }) => header))).toBe('jwe.key');
  });
});

describe('J2, J3: algorithms', () => {
  it.each([
    'ECDH-ES+A128KW',
    'ECDH-ES+A256KW',
    'dir',
    'RSA-OAEP',
    'RSA-OAEP-256',
    'RSA1_5',
    'A256GCMKW',
    'A128KW',
    'none',
    'ecdh-es',
    'ECDH-ES ',
    '',
    ['ECDH-ES'],
    null,
    undefined,
  ])('refuses alg %j', async (alg) => {
    expect(await judge(withHeader(good, (header) => ({ ...header, alg })))).toBe('jwe.header');
  });
  it('refuses PBES2 with a count of 2^31 before it counts: that would outlast the test', async () => {
    const jwe = withHeader(good, (header) => ({
      ...header,
      alg: 'PBES2-HS256+A128KW',
      p2c: 2 ** 31,
      p2s: 'AAAA',
    }));
    expect(await judge(jwe)).toBe('jwe.header');
  });
  it.each(['A192GCM', 'a256gcm', 'A256GCM2', '__proto__', 'constructor', 1, ['A256GCM'], undefined])(
    'refuses enc %j',
    async (enc) => {
      expect(await judge(withHeader(good, (header) => ({ ...header, enc })))).toBe('jwe.header');
    },
  );
  it('refuses apu that is not base64url', async () => {
    expect(await judge(withHeader(good, (header) => ({ ...header, apu: 'a b' })))).toBe('jwe.header');
  });
});

describe('J4, J5, J9: members that change the rules or bring a key', () => {
  it.each([
    ['zip', 'DEF'],
    ['zip', ''],
    ['crit', ['exp']],
    ['crit', []],
    ['crit', ['alg']],
    ['b64', false],
    ['jwk', { kty: 'EC' }],
    ['jku', 'https://attacker.example/keys'],
    ['x5u', 'https://attacker.example/cert'],
    ['x5c', ['AAAA']],
  ])('refuses %s', async (name, value) => {
    expect(await judge(withHeader(good, (header) => ({ ...header, [name]: value })))).toBe('jwe.header');
  });
});

describe('J7: kid', () => {
  it.each(['', '\u0000', 'a b', '鍵', 'x'.repeat(256), 5, null, ['k1'], { a: 1 }])(
    'refuses %j',
    async (kid) => {
      expect(await judge(withHeader(good, (header) => ({ ...header, kid })))).toBe('jwe.key');
    },
  );
  it.each(['../../etc/passwd', "' OR 1=1 --", '__proto__', 'https://x.example/k'])(
    'reads %j as a name only',
    async (kid) => {
      const expected = kid.includes(' ') ? 'jwe.key' : 'accepted';
      expect(await judge(withHeader(good, (header) => ({ ...header, kid })))).toBe(expected);
    },
  );
});

describe('J10: form', () => {
  const header = '{"alg":"ECDH-ES","enc":"A256GCM"}';
  it.each([
    ['4 parts', rest.slice(0, 3).join('.')],
    ['6 parts', `${good}.AAAA`],
    ['a trailing dot', `${good}.`],
    ['a million dots', '.'.repeat(65_000)],
    ['20 MB', 'A'.repeat(20_000_000)],
    ['JSON serialization', '{"protected":"e30","ciphertext":"AA"}'],
    ['empty', ''],
    ['a line feed', `${good}\n`],
    ['a BOM', `\ufeff${good}`],
    ['padding', `${good}=`],
    ['an encrypted key', good.replace('..', '.AAAA.')],
    ['an empty header', `.${rest.join('.')}`],
    ['an empty ciphertext', good.split('.').toSpliced(3, 1, '').join('.')],
    ['a header that is not JSON', withRawHeader(rest, 'x')],
    ['a header that is an array', withRawHeader(rest, '[]')],
    ['a header with alg twice', withRawHeader(rest, `{"alg":"none",${header.slice(1)}`)],
    ['a header with a member twice by escape', withRawHeader(rest, `{"\\u0061lg":"none",${header.slice(1)}`)],
    ['a deep header', withRawHeader(rest, `{"a":${'['.repeat(500)}${']'.repeat(500)}}`)],
    ['a long header', withRawHeader(rest, JSON.stringify({ a: 'x'.repeat(4096) }))],
    ['a BOM in the header', withRawHeader(rest, `\ufeff${header}`)],
    ['a header that is not UTF-8', [Buffer.from([0xff, 0x7b]).toString('base64url'), ...rest].join('.')],
  ])('refuses %s', async (_name, jwe) => {
    expect(await judge(jwe)).toBe('jwe.form');
  });

  it('refuses every other spelling of the same octets', async () => {
    const spellings = otherSpellings(good);
    expect(spellings.length).toBeGreaterThan(8);
    for (const [name, text] of spellings) expect([name, await judge(text)]).toEqual([name, 'jwe.form']);
  });
});
