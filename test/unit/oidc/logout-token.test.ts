import { describe, expect, it } from 'vitest';
import { BACKCHANNEL_LOGOUT_EVENT, verifyLogoutToken } from '../../../src/core/oidc/logout-token.ts';
import { otherSpellings } from '../../support/compact-spellings.ts';
import {
  CLIENT_ID,
  type Claims,
  codeOf,
  ecKey,
  encode,
  hmacToken,
  ISSUER,
  idClaims,
  keySet,
  mint,
  NOW,
  NOW_SECONDS,
  SUBJECT,
} from './mint.ts';

const key = ecKey('kid-1');
const keys = keySet(key.publicJwk);

function logoutClaims(changes: Claims = {}): Claims {
  return {
    iat: NOW_SECONDS - 5,
    jti: 'simulated-jti',
    iss: ISSUER,
    aud: CLIENT_ID,
    sub: SUBJECT,
    exp: NOW_SECONDS + 36_000,
    sid: 'simulated-sid',
    events: { [BACKCHANNEL_LOGOUT_EVENT]: {} },
    ...changes,
  };
}

async function judgeText(token: unknown): Promise<unknown> {
  const rule = { keySet: keys, issuers: [ISSUER], clientId: CLIENT_ID, now: NOW, iatWindowMillis: 600_000 };
  return codeOf(verifyLogoutToken({ token, ...rule }));
}

const judge = (claims: Claims, header: Claims = {}) => judgeText(mint(key, claims, header));

describe('another spelling of the same octets', () => {
  it.each(otherSpellings(mint(key, logoutClaims())))('%s', async (_, token) => {
    expect(await judgeText(token)).toMatch(/^oidc\.token-(?:type|signature)$/);
  });
});

describe('a good logout token', () => {
  it('gives jti, sub, sid and how long it could be replayed', async () => {
    expect(await judge(logoutClaims())).toEqual({
      jti: 'simulated-jti',
      subject: SUBJECT,
      sid: 'simulated-sid',
      issuedAt: NOW - 5_000,
      replayableUntil: NOW + 36_060_000,
    });
  });

  it.each([
    ['header logout+jwt', logoutClaims(), { typ: 'logout+jwt' }],
    ['no header typ', logoutClaims(), { typ: undefined }],
    ['payload typ Logout', logoutClaims({ typ: 'Logout' }), {}],
    ['sub alone', logoutClaims({ sid: undefined }), {}],
    ['sid alone', logoutClaims({ sub: undefined }), {}],
  ])('may have %s', async (_, claims, header) => {
    expect(await judge(claims, header)).toMatchObject({ jti: 'simulated-jti' });
  });
});

describe('O18: refused logout tokens', () => {
  const proto = '{"__proto__":{}}';
  it.each([
    ['nonce present', logoutClaims({ nonce: 'n' }), 'oidc.logout-token'],
    ['nonce null', logoutClaims({ nonce: null }), 'oidc.logout-token'],
    ['events a list', logoutClaims({ events: [BACKCHANNEL_LOGOUT_EVENT] }), 'oidc.logout-token'],
    ['events text', logoutClaims({ events: BACKCHANNEL_LOGOUT_EVENT }), 'oidc.logout-token'],
    ['events empty', logoutClaims({ events: {} }), 'oidc.logout-token'],
    ['events null', logoutClaims({ events: null }), 'oidc.logout-token'],
    ['events __proto__', logoutClaims({ events: JSON.parse(proto) }), 'oidc.logout-token'],
    ['another event', logoutClaims({ events: { 'https://other': {} } }), 'oidc.logout-token'],
    ['two events', logoutClaims({ events: { [BACKCHANNEL_LOGOUT_EVENT]: {}, x: {} } }), 'oidc.logout-token'],
    [
      'an event with content',
      logoutClaims({ events: { [BACKCHANNEL_LOGOUT_EVENT]: { a: 1 } } }),
      'oidc.logout-token',
    ],
    [
      'an event that is text',
      logoutClaims({ events: { [BACKCHANNEL_LOGOUT_EVENT]: '' } }),
      'oidc.logout-token',
    ],
    ['neither sub nor sid', logoutClaims({ sub: undefined, sid: undefined }), 'oidc.logout-token'],
    ['sub a number', logoutClaims({ sub: 1 }), 'oidc.logout-token'],
    ['no jti', logoutClaims({ jti: undefined }), 'oidc.logout-token'],
    ['events missing', logoutClaims({ events: undefined }), 'oidc.token-type'],
    ['an ID token', idClaims(), 'oidc.token-type'],
    ['an ID token without nonce', idClaims({ nonce: undefined, typ: undefined }), 'oidc.token-type'],
    ['an ID token with events', idClaims({ events: { [BACKCHANNEL_LOGOUT_EVENT]: {} } }), 'oidc.token-type'],
    ['aud', logoutClaims({ aud: 'RP00000002' }), 'oidc.audience'],
    ['iss', logoutClaims({ iss: 'https://auth-and-sign.go.jp/realms/auth-and-sign' }), 'oidc.issuer'],
    ['old', logoutClaims({ iat: NOW_SECONDS - 601 }), 'oidc.time'],
    ['expired', logoutClaims({ exp: NOW_SECONDS - 61 }), 'oidc.time'],
    ['no exp', logoutClaims({ exp: undefined }), 'oidc.time'],
    ['no iat', logoutClaims({ iat: undefined }), 'oidc.time'],
  ])('%s', async (_, claims, code) => {
    expect(await judge(claims)).toBe(code);
  });

  it('alg none and HS256', async () => {
    const unsigned = `${encode({ alg: 'none', kid: 'kid-1' })}.${encode(logoutClaims())}.`;
    expect(await judgeText(unsigned)).toBe('oidc.token-signature');
    expect(await judgeText(hmacToken('x', logoutClaims(), 'kid-1'))).toBe('oidc.token-signature');
  });

  it.each([undefined, null, 1, ['a', 'b'], '', 'a.b.c', {}])('%j is no token', async (token) => {
    expect(await judgeText(token)).toBe('oidc.token-type');
  });

  it('an access token of the same keys by its header', async () => {
    expect(await judge(logoutClaims(), { typ: 'at+jwt' })).toBe('oidc.token-type');
  });
});
