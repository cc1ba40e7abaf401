import { describe, expect, it } from 'vitest';
import { codeOf } from '../../unit/oidc/mint.ts';
import {
  callbackOf,
  codeFor,
  gov,
  logoutBodies,
  requestFor,
  signedTokens,
  simulator,
  sp,
  useSimulator,
} from './simulated-flow.ts';

useSimulator();

describe('the whole sequence', () => {
  it.each(['digest-info', 'digest'] as const)(
    '署名 by a private relying party, ES256, mode %s',
    async (mode) => {
      const client = sp();
      const { id, tokens } = await signedTokens(client, mode);
      const result = await client.fetchResult(id, tokens.accessToken);
      expect(result.kind).toBe('encrypted');
      expect(result.jwe.split('.')).toHaveLength(5);
    },
  );

  it('署名 by an agency, RS256: certificate and signature in clear', async () => {
    const client = gov();
    const { id, tokens } = await signedTokens(client, 'digest-info');
    const result = await client.fetchResult(id, tokens.accessToken);
    expect(result.certificate[0]).toBe(0x30);
    expect(result.signatureValue).toHaveLength(256);
  });

  it('認証 with UserInfo and refresh', async () => {
    const client = sp();
    const request = requestFor();
    const tokens = await client.exchangeCode(await codeFor(client, request), request);
    const [taro] = simulator.people.filter((person) => person.id === 'taro');
    expect(await client.userInfo(tokens.accessToken, tokens.subject)).toEqual({
      subject: tokens.subject,
      name: taro?.name,
      address: taro?.address,
      birthdate: taro?.birthdate,
      gender: taro?.gender,
    });
    const refreshed = await client.refresh(tokens);
    expect(refreshed.subject).toBe(tokens.subject);
    expect(refreshed.accessToken).not.toBe(tokens.accessToken);
    expect(await client.userInfo(refreshed.accessToken, tokens.subject)).toMatchObject({ name: taro?.name });
  });

  it('a code works once', async () => {
    const client = sp();
    const request = requestFor();
    const code = await codeFor(client, request);
    await client.exchangeCode(code, request);
    expect(await codeOf(client.exchangeCode(code, request))).toBe('upstream.restart');
  });

  it('O5: a code of another flow, with its own verifier', async () => {
    const client = sp();
    const code = await codeFor(client, requestFor());
    expect(await codeOf(client.exchangeCode(code, requestFor()))).toBe('upstream.restart');
  });

  it.each([
    ['refuse', 'authorization-7'],
    ['authentication-failed', 'authorization-8'],
  ] as const)('the citizen: %s', async (outcome, row) => {
    expect(await callbackOf(sp(), requestFor(), { outcome })).toMatchObject({
      kind: 'error',
      row: { id: row },
    });
  });

  it.each([
    ['wrong-person', 'upstream.citizen'],
    ['locked', 'upstream.citizen'],
    ['expired', 'upstream.citizen'],
    ['not-installed', 'upstream.citizen'],
    ['malformed', 'upstream.citizen'],
    ['not-signed', 'upstream.restart'],
  ] as const)('the card: %s', async (outcome, code) => {
    const client = sp();
    const choice = outcome === 'wrong-person' ? ({ outcome, signer: 'hanako' } as const) : { outcome };
    const { id, tokens } = await signedTokens(client, 'digest-info', choice);
    expect(await codeOf(client.fetchResult(id, tokens.accessToken))).toBe(code);
  });
});

describe('wrong tokens', () => {
  async function exchanged(fault: string, times = 1): Promise<unknown> {
    const client = sp();
    const request = requestFor();
    const code = await codeFor(client, request);
    simulator.faults.next('token', fault, { times });
    return codeOf(client.exchangeCode(code, request));
  }

  it.each([
    ['wrong-at-hash', 'oidc.at-hash'],
    ['missing-at-hash', 'oidc.at-hash'],
    ['wrong-nonce', 'oidc.nonce'],
    ['missing-nonce', 'oidc.nonce'],
    ['wrong-kid', 'oidc.token-key'],
    ['missing-kid', 'oidc.token-key'],
    ['crit-header', 'oidc.token-key'],
    ['alg-none', 'oidc.token-signature'],
    ['alg-hs256', 'oidc.token-signature'],
    ['alg-rs256', 'oidc.token-signature'],
    ['wrong-signature', 'oidc.token-signature'],
    ['wrong-iss', 'oidc.issuer'],
    ['wrong-aud', 'oidc.audience'],
    ['extra-aud', 'oidc.audience'],
    ['wrong-azp', 'oidc.audience'],
    ['logout-token-as-id-token', 'oidc.token-type'],
    ['missing-id-token', 'upstream.restart'],
    ['missing-access-token', 'upstream.restart'],
    ['wrong-token-type', 'upstream.restart'],
    ['cut', 'upstream.restart'],
    ['cut-after-processing', 'upstream.restart'],
    ['html', 'upstream.restart'],
    ['html-error', 'upstream.temporary'],
    ['maintenance', 'upstream.temporary'],
    ['rate-limit', 'upstream.temporary'],
  ])('%s → %s', async (fault, code) => {
    expect(await exchanged(fault)).toBe(code);
  });

  it.each(['old-iat', 'future-iat', 'expired'])('%s: refreshed once, then refused', async (fault) => {
    expect(await exchanged(fault)).toMatchObject({ subject: expect.any(String) });
    simulator.faults.clear();
    expect(await exchanged(fault, 2)).toBe('oidc.time');
  });

  it('missing-exp: refused at once, since no refresh heals it', async () => {
    expect(await exchanged('missing-exp')).toBe('oidc.time');
  });

  it('keys that rotate under way are found', async () => {
    expect(await exchanged('rotate')).toMatchObject({ subject: expect.any(String) });
  });

  it('UserInfo about somebody else', async () => {
    const client = sp();
    const request = requestFor();
    const tokens = await client.exchangeCode(await codeFor(client, request), request);
    for (const fault of ['wrong-sub', 'missing-sub']) {
      simulator.faults.next('userinfo', fault);
      expect(await codeOf(client.userInfo(tokens.accessToken, tokens.subject))).toBe('oidc.subject');
    }
  });

  it.each(['wrong-issuer', 'missing-jwks-uri', 'foreign-token-endpoint'])('discovery: %s', async (fault) => {
    simulator.faults.next('discovery', fault);
    const code = fault === 'wrong-issuer' ? 'oidc.issuer' : 'oidc.metadata';
    expect(await codeOf(sp().authorizationUrl(requestFor()))).toBe(code);
  });

  it('a certificate in clear at an sp', async () => {
    const client = sp();
    const { id, tokens } = await signedTokens(client, 'digest-info');
    simulator.faults.next('result', 'clear-certificate');
    expect(await codeOf(client.fetchResult(id, tokens.accessToken))).toBe('upstream.operator');
  });
});

describe('back-channel logout', () => {
  it.each(['JWT', 'logout+jwt'] as const)('a token of type %s is verified', async (typ) => {
    const client = sp();
    const request = requestFor();
    const { subject } = await client.exchangeCode(await codeFor(client, request), request);
    logoutBodies.length = 0;
    await simulator.logout({ sub: subject, typ });
    const token = new URLSearchParams(logoutBodies.at(-1)).get('logout_token');
    expect(await client.logoutTokens.verify(token)).toMatchObject({ subject, jti: expect.any(String) });
  });

  it('one with a nonce is refused', async () => {
    const client = sp();
    const request = requestFor();
    const { subject } = await client.exchangeCode(await codeFor(client, request), request);
    logoutBodies.length = 0;
    await simulator.logout({ sub: subject, claims: { nonce: 'x' } });
    const token = new URLSearchParams(logoutBodies.at(-1)).get('logout_token');
    expect(await codeOf(client.logoutTokens.verify(token))).toBe('oidc.logout-token');
  });
});
