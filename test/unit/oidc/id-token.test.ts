import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseStrictJson } from '../../../src/core/json/strict-json.ts';
import { verifyIdToken, verifyIdTokenExceptTime } from '../../../src/core/oidc/id-token.ts';
import { readKeySet } from '../../../src/core/oidc/key-set.ts';
import { otherSpellings } from '../../support/compact-spellings.ts';
import {
  ACCESS_TOKEN,
  atHash,
  CLIENT_ID,
  type Claims,
  codeOf,
  ecKey,
  encode,
  hmacToken,
  ISSUER,
  idClaims,
  input,
  keySet,
  mint,
  NONCE,
  NOW,
  NOW_SECONDS,
  rsaKey,
  SUBJECT,
} from './mint.ts';

const key = ecKey('kid-1');
const other = ecKey('kid-1');
const keys = keySet(key.publicJwk, ecKey('kid-2').publicJwk);

async function judge(claims: Claims, header: Claims = {}, changes = {}): Promise<unknown> {
  return codeOf(verifyIdToken(input(mint(key, claims, header), keys, changes)));
}

describe('a good ID token', () => {
  it('gives its claims', async () => {
    expect(await judge(idClaims())).toEqual({
      subject: SUBJECT,
      sid: 'simulated-session',
      nonce: NONCE,
      issuedAt: NOW,
      expiresAt: NOW + 900_000,
    });
  });

  it.each([
    ['aud as a list of one', idClaims({ aud: [CLIENT_ID] }), {}],
    ['no azp', idClaims({ azp: undefined }), {}],
    ['no typ in header and payload', idClaims({ typ: undefined }), { typ: undefined }],
    ['typ in lower case', idClaims(), { typ: 'jwt' }],
    ['nbf reached', idClaims({ nbf: NOW_SECONDS }), {}],
    ['no sid', idClaims({ sid: undefined }), {}],
  ])('may have %s', async (_, claims, header) => {
    expect(await judge(claims, header)).toMatchObject({ subject: SUBJECT });
  });

  it('is verified by RS256 only where that is configured', async () => {
    const rsa = rsaKey('rsa-1');
    const token = mint(rsa, idClaims(), { alg: 'RS256' });
    const set = readKeySet(
      parseStrictJson(JSON.stringify({ keys: [rsa.publicJwk, key.publicJwk] })),
      'RS256',
    );
    expect(await codeOf(verifyIdToken(input(token, set, { algorithm: 'RS256' })))).toMatchObject({
      subject: SUBJECT,
    });
    expect(await codeOf(verifyIdToken(input(token, set)))).toBe('oidc.token-signature');
    expect(await codeOf(verifyIdToken(input(mint(key, idClaims()), set, { algorithm: 'RS256' })))).toBe(
      'oidc.token-signature',
    );
  });
});

describe('O8: algorithm and signature', () => {
  const good = mint(key, idClaims());
  const [header = '', payload = '', signature = ''] = good.split('.');
  const signed = `${header}.${payload}`;
  const der = sign('sha256', Buffer.from(signed), key.privateKey).toString('base64url');
  const publicForms: readonly (string | Buffer)[] = [
    JSON.stringify(key.publicJwk),
    String(key.publicJwk['x']),
    Buffer.from(String(key.publicJwk['x']), 'base64url'),
    Buffer.from(String(key.publicJwk['x']) + String(key.publicJwk['y']), 'base64url'),
    String(key.publicJwk['kid']),
    CLIENT_ID,
    '',
    Buffer.alloc(32),
  ];

  it.each(['none', 'None', 'NONE', 'nOnE'])('alg %s', async (alg) => {
    expect(
      await codeOf(verifyIdToken(input(`${encode({ alg, typ: 'JWT', kid: 'kid-1' })}.${payload}.`, keys))),
    ).toBe('oidc.token-signature');
  });

  it.each(publicForms.map((form, index) => [index, form] as const))(
    'HS256 with public material %i',
    async (_, form) => {
      expect(await codeOf(verifyIdToken(input(hmacToken(form, idClaims(), 'kid-1'), keys)))).toBe(
        'oidc.token-signature',
      );
    },
  );

  it.each([
    ['RS256', mint(rsaKey('kid-1'), idClaims(), { alg: 'RS256' })],
    ['ES384', mint(ecKey('kid-1', 'P-384'), idClaims(), { alg: 'ES384' })],
    ['another key', mint(other, idClaims())],
    ['r = s = 0', `${signed}.${Buffer.alloc(64).toString('base64url')}`],
    ['DER', `${signed}.${der}`],
    [
      'a signature cut by one octet',
      `${signed}.${Buffer.from(signature, 'base64url').subarray(0, 63).toString('base64url')}`,
    ],
    ['an empty signature', `${signed}.`],
    ['no signature part', signed],
    ['a header alone', header],
    ['a fourth part', `${good}.x`],
    ['a payload changed', `${header}.${encode(idClaims({ sub: 'other' }))}.${signature}`],
    ['a signature with padding', `${good}==`],
  ])('%s', async (_, token) => {
    expect(await codeOf(verifyIdToken(input(token, keys)))).toBe('oidc.token-signature');
  });
});

describe('another spelling of the same octets', () => {
  it.each(otherSpellings(mint(key, idClaims())))('%s', async (_, token) => {
    expect(await codeOf(verifyIdToken(input(token, keys)))).toMatch(/^oidc\.token-(?:type|signature)$/);
  });
});

describe('O10: key', () => {
  it.each([
    ['unknown', { kid: 'kid-9' }],
    ['missing', { kid: undefined }],
    ['a path', { kid: '../../kid-1' }],
    ['a number', { kid: 1 }],
    ['jwk', { jwk: key.publicJwk }],
    ['jku', { jku: 'https://canary.example/jwks' }],
    ['x5u', { x5u: 'https://canary.example/cert' }],
    ['x5c', { x5c: ['AAAA'] }],
    ['crit', { crit: ['exp'] }],
    ['b64', { b64: true }],
  ])('%s', async (_, header) => {
    expect(await judge(idClaims(), header)).toBe('oidc.token-key');
  });

  it('a key that does not say ES256 itself is no key', async () => {
    const { alg: _alg, ...silent } = key.publicJwk;
    const set = keySet(silent, ecKey('kid-2').publicJwk);
    expect(await codeOf(verifyIdToken(input(mint(key, idClaims()), set)))).toBe('oidc.token-key');
  });
});

describe('O13: iss', () => {
  it.each([
    ['other', 'https://other.example'],
    ['slash', `${ISSUER}/`],
    ['http', ISSUER.replace('https', 'http')],
    ['case', ISSUER.toUpperCase()],
    ['realm', ISSUER.replace('main', 'auth-and-sign')],
    ['prefix', ISSUER.slice(0, -1)],
    ['array', [ISSUER]],
    ['missing', undefined],
  ])('%s', async (_, iss) => {
    expect(await judge(idClaims({ iss }))).toBe('oidc.issuer');
  });
});

describe('O14: aud and azp', () => {
  it.each([
    ['other', { aud: 'RP00000002' }],
    ['missing', { aud: undefined }],
    ['empty', { aud: '' }],
    ['empty list', { aud: [] }],
    ['substring', { aud: CLIENT_ID.slice(0, -1) }],
    ['longer', { aud: `${CLIENT_ID}1` }],
    ['two', { aud: [CLIENT_ID, 'RP00000002'] }],
    ['null', { aud: null }],
    ['nested', { aud: [[CLIENT_ID]] }],
    ['azp other', { azp: 'RP00000002' }],
    ['azp null', { azp: null }],
  ])('%s', async (_, claims) => {
    expect(await judge(idClaims(claims))).toBe('oidc.audience');
  });
});

describe('O4: nonce', () => {
  it.each([
    ['missing', undefined],
    ['other', 'other'],
    ['case', NONCE.toUpperCase()],
    ['array', [NONCE]],
    ['empty', ''],
  ])('%s', async (_, nonce) => {
    expect(await judge(idClaims({ nonce }))).toBe('oidc.nonce');
  });

  it('a missing expectation is an error, not a pass', async () => {
    expect(await judge(idClaims({ nonce: '' }), {}, { expected: { grant: 'code', expectedNonce: '' } })).toBe(
      'oidc.nonce',
    );
  });

  it('a refreshed token carries none, or the original one', async () => {
    const refresh = { grant: 'refresh', expectedSubject: SUBJECT } as const;
    const withNonce = { ...refresh, originalNonce: NONCE };
    expect(await judge(idClaims({ nonce: undefined }), {}, { expected: refresh })).toMatchObject({
      subject: SUBJECT,
    });
    expect(await judge(idClaims(), {}, { expected: withNonce })).toMatchObject({ nonce: NONCE });
    expect(await judge(idClaims({ nonce: 'other' }), {}, { expected: withNonce })).toBe('oidc.nonce');
    expect(await judge(idClaims(), {}, { expected: refresh })).toBe('oidc.nonce');
  });
});

describe('O15: time', () => {
  const skew = 60;
  it.each([
    ['exp 60 s ago less a moment', { exp: NOW_SECONDS - skew + 1 }],
    ['iat 60 s ahead', { iat: NOW_SECONDS + skew }],
    ['iat at the edge of the window', { iat: NOW_SECONDS - 600 }],
    ['nbf 60 s ahead', { nbf: NOW_SECONDS + skew }],
    ['a fraction', { iat: NOW_SECONDS - 0.5 }],
  ])('accepts %s', async (_, claims) => {
    expect(await judge(idClaims(claims))).toMatchObject({ subject: SUBJECT });
  });

  it.each([
    ['exp past', { exp: NOW_SECONDS - 3600 }],
    ['exp 61 s ago', { exp: NOW_SECONDS - skew - 1 }],
    ['exp 60 s ago', { exp: NOW_SECONDS - skew }],
    ['exp missing', { exp: undefined }],
    ['exp a string', { exp: String(NOW_SECONDS + 900) }],
    ['exp null', { exp: null }],
    ['exp in milliseconds', { exp: NOW + 900_000 }],
    ['exp negative', { exp: -1 }],
    ['iat missing', { iat: undefined }],
    ['iat 61 s ahead', { iat: NOW_SECONDS + skew + 1 }],
    ['iat too old', { iat: NOW_SECONDS - 601 }],
    ['nbf 61 s ahead', { nbf: NOW_SECONDS + skew + 1 }],
    ['nbf a string', { nbf: 'x' }],
  ])('refuses %s', async (_, claims) => {
    expect(await judge(idClaims(claims))).toBe('oidc.time');
  });

  it('is judged last: what is wrong otherwise is never called a matter of time', async () => {
    const late = { exp: NOW_SECONDS - 3600 };
    expect(await judge(idClaims({ ...late, nonce: 'other' }))).toBe('oidc.nonce');
    expect(await judge(idClaims({ ...late, at_hash: 'x' }))).toBe('oidc.at-hash');
    expect(await judge(idClaims({ ...late, sub: undefined }))).toBe('oidc.subject');
    const token = mint(key, idClaims(late));
    expect(await codeOf(verifyIdTokenExceptTime(input(token, keys)))).toMatchObject({ subject: SUBJECT });
  });

  it.each([
    ['exp missing', { exp: undefined }],
    ['exp a string', { exp: '1' }],
    ['iat missing', { iat: undefined }],
    ['iat negative', { iat: -1 }],
  ])('%s is no matter of time that a refresh heals', async (_, claims) => {
    const token = mint(key, idClaims(claims));
    expect(await codeOf(verifyIdTokenExceptTime(input(token, keys)))).toBe('oidc.time');
  });
});

describe('O16: at_hash', () => {
  it.each([
    ['missing', undefined],
    ['of another token', atHash('another')],
    ['of the full hash', createHash('sha256').update(ACCESS_TOKEN).digest('base64url')],
    ['of SHA-384', createHash('sha384').update(ACCESS_TOKEN).digest().subarray(0, 24).toString('base64url')],
    ['empty', ''],
    ['a list', [atHash(ACCESS_TOKEN)]],
  ])('%s', async (_, at_hash) => {
    expect(await judge(idClaims({ at_hash }))).toBe('oidc.at-hash');
  });

  it('may be missing only for a broker configured so, and never wrong', async () => {
    const changes = { atHash: 'if-present' };
    expect(await judge(idClaims({ at_hash: undefined }), {}, changes)).toMatchObject({ subject: SUBJECT });
    expect(await judge(idClaims({ at_hash: 'x' }), {}, changes)).toBe('oidc.at-hash');
  });
});

describe('O17: type', () => {
  const event = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  it.each([
    ['a logout token', idClaims({ typ: undefined, nonce: undefined, events: event }), {}],
    ['a logout token by header', idClaims(), { typ: 'logout+jwt' }],
    ['an access token', idClaims({ typ: 'Bearer' }), {}],
    ['an access token by header', idClaims(), { typ: 'at+jwt' }],
    ['a refresh token', idClaims({ typ: 'Refresh' }), {}],
    ['a header type that is no text', idClaims(), { typ: ['JWT'] }],
  ])('%s is no ID token', async (_, claims, header) => {
    expect(await judge(claims, header)).toBe('oidc.token-type');
  });

  it.each([
    ['an opaque token', 'opaque'],
    ['nothing', ''],
    ['dots', '..'],
    ['a header that is a list', `${encode([])}.${encode({})}.AA`],
    ['a payload that is null', `${encode({ alg: 'ES256' })}.${encode(null)}.AA`],
    ['a header with padding', `${encode({ alg: 'ES256' })}=.${encode({})}.AA`],
    ['ill-formed UTF-8', `${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.${encode({})}.AA`],
    [
      'a member twice',
      `${Buffer.from('{"alg":"none","alg":"ES256"}').toString('base64url')}.${encode({})}.AA`,
    ],
    ['17 kB', `${'a'.repeat(17_000)}.b.c`],
  ])('%s is no token at all', async (_, token) => {
    expect(await codeOf(verifyIdToken(input(token, keys)))).toBe('oidc.token-type');
  });
});

describe('sub', () => {
  it.each([undefined, '', 1, null, ['x'], 'a'.repeat(256)])('%j', async (sub) => {
    expect(await judge(idClaims({ sub }))).toBe('oidc.subject');
  });

  it('of a refreshed token is the same person', async () => {
    const expected = { grant: 'refresh', expectedSubject: 'somebody else' } as const;
    expect(await judge(idClaims({ nonce: undefined }), {}, { expected })).toBe('oidc.subject');
  });
});

describe('O12: key sets', () => {
  const read = (value: unknown) => () => readKeySet(parseStrictJson(JSON.stringify(value)));

  it('takes the ES256 keys and leaves the others', () => {
    const set = keySet(
      rsaKey('rsa').publicJwk,
      { kty: 'oct', k: 'AAAA', kid: 'oct', alg: 'HS256' },
      key.publicJwk,
    );
    expect(set.keys.map((entry) => entry.kid)).toEqual(['kid-1']);
  });

  it.each([
    ['no object', []],
    ['no list', { keys: {} }],
    ['empty', { keys: [] }],
    ['RSA only', { keys: [rsaKey('a').publicJwk] }],
    ['symmetric only', { keys: [{ kty: 'oct', k: 'AAAA', kid: 'a', alg: 'ES256' }] }],
    ['a kid twice', { keys: [ecKey('a').publicJwk, ecKey('a').publicJwk] }],
    ['no kid', { keys: [{ ...key.publicJwk, kid: undefined }] }],
    ['no alg', { keys: [{ ...key.publicJwk, alg: undefined }] }],
    ['for encryption', { keys: [{ ...key.publicJwk, use: 'enc' }] }],
    ['another operation', { keys: [{ ...key.publicJwk, key_ops: ['deriveBits'] }] }],
    ['another curve', { keys: [ecKey('a', 'P-384', 'ES256').publicJwk] }],
    ['101 keys', { keys: Array.from({ length: 101 }, () => key.publicJwk) }],
    ['no coordinates', { keys: [{ ...key.publicJwk, x: 1 }] }],
  ])('refuses %s', (_, value) => {
    expect(read(value)).toThrowError(expect.objectContaining({ code: 'oidc.token-key' }));
  });

  it('a key whose private part is shown verifies nothing, and is counted', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const leaked = { ...privateKey.export({ format: 'jwk' }), kid: 'leaked', alg: 'ES256' };
    const good = { ...publicKey.export({ format: 'jwk' }), kid: 'good', alg: 'ES256' };
    const set = readKeySet({ keys: [leaked, good, { kty: 'oct', k: 'AA', kid: 'shared' }] });
    expect(set.keys.map(({ kid }) => kid)).toEqual(['good']);
    expect(set.exposed).toBe(2);
    expect(readKeySet({ keys: [good] }).exposed).toBeUndefined();
    expect(() => readKeySet({ keys: [leaked] })).toThrow(expect.objectContaining({ code: 'oidc.token-key' }));
  });
});
