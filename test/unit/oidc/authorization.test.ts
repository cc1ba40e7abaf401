import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SignTransactionId } from '../../../src/core/brand.ts';
import {
  type AuthorizationParameters,
  authorizationRequestUrl,
  pkceChallenge,
} from '../../../src/core/oidc/authorization-request.ts';
import { readCallback } from '../../../src/core/oidc/callback.ts';
import { checkProviderMetadata, discoveryUrl } from '../../../src/core/oidc/provider-metadata.ts';
import { CLIENT_ID, ISSUER } from './mint.ts';

const ENDPOINT = `${ISSUER}/protocol/openid-connect/auth`;
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const TRANSACTION = '37a52ac8-b232-ebac-a454-04d68916489f' as SignTransactionId;

function parameters(changes: Partial<AuthorizationParameters> = {}): AuthorizationParameters {
  return {
    clientId: CLIENT_ID,
    redirectUri: 'https://rp.example/callback?a=b',
    scope: ['openid', 'sign'],
    state: 'st;ate &=+#',
    nonce: 'nonce',
    codeChallenge: pkceChallenge(VERIFIER),
    signTransactionId: TRANSACTION,
    ...changes,
  };
}

describe('authorization request', () => {
  it('makes the challenge of RFC 7636 appendix B', () => {
    expect(pkceChallenge(VERIFIER)).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
  });

  it('carries exactly the documented parameters', () => {
    const url = new URL(authorizationRequestUrl(ENDPOINT, parameters({ acrValues: 'aal3 crl' })));
    expect(url.origin + url.pathname).toBe(ENDPOINT);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      scope: 'openid sign',
      client_id: CLIENT_ID,
      redirect_uri: 'https://rp.example/callback?a=b',
      state: 'st;ate &=+#',
      nonce: 'nonce',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      acr_values: 'aal3 crl',
      sign_transaction_id: TRANSACTION,
    });
  });

  it('is without sign_transaction_id for login', () => {
    const { signTransactionId: _, ...login } = parameters({ scope: ['openid', 'name'] });
    expect(new URL(authorizationRequestUrl(ENDPOINT, login)).searchParams.has('sign_transaction_id')).toBe(
      false,
    );
  });

  it.each([
    ['client_id', { clientId: '' }],
    ['client_id', { clientId: 'a\nb' }],
    ['redirect_uri', { redirectUri: '/callback' }],
    ['state', { state: '' }],
    ['state', { state: 'あ' }],
    ['nonce', { nonce: '' }],
    ['nonce', { nonce: 'a'.repeat(256) }],
    ['code_challenge', { codeChallenge: VERIFIER.slice(1) }],
    ['code_challenge', { codeChallenge: `${VERIFIER.slice(1)}=` }],
    ['scope', { scope: ['sign'] }],
    ['scope', { scope: ['openid', 'sign', 'a b'] }],
    ['sign_transaction_id', { scope: ['openid'] }],
    ['acr_values', { acrValues: '' }],
  ])('is never sent with a wrong %s', (at, changes) => {
    expect(() => authorizationRequestUrl(ENDPOINT, parameters(changes))).toThrowError(
      expect.objectContaining({ code: 'oidc.request', at }),
    );
  });

  it('signing without a transaction is never sent', () => {
    const { signTransactionId: _, ...without } = parameters();
    expect(() => authorizationRequestUrl(ENDPOINT, without)).toThrowError(
      expect.objectContaining({ code: 'oidc.request' }),
    );
  });

  it.each(['', 'a'.repeat(42), 'a'.repeat(129), `${'a'.repeat(43)}=`, `${'a'.repeat(42)}あ`])(
    'verifier %s',
    (verifier) => {
      expect(() => pkceChallenge(verifier)).toThrowError(expect.objectContaining({ code: 'oidc.request' }));
    },
  );

  it('O6: 10,000 requests, all S256, all state, nonce and challenge distinct', () => {
    const seen = { state: new Set<string>(), nonce: new Set<string>(), challenge: new Set<string>() };
    for (let count = 0; count < 10_000; count += 1) {
      const [state = '', nonce = '', verifier = ''] = [0, 1, 2].map(() =>
        randomBytes(32).toString('base64url'),
      );
      const url = authorizationRequestUrl(
        ENDPOINT,
        parameters({ state, nonce, codeChallenge: pkceChallenge(verifier) }),
      );
      const sent = new URL(url).searchParams;
      if (sent.get('code_challenge_method') !== 'S256') throw new Error('not S256');
      const challenge = createHash('sha256').update(verifier).digest('base64url');
      if (sent.get('code_challenge') !== challenge) throw new Error('challenge of another verifier');
      seen.state.add(sent.get('state') ?? '');
      seen.nonce.add(sent.get('nonce') ?? '');
      seen.challenge.add(challenge);
    }
    expect([seen.state.size, seen.nonce.size, seen.challenge.size]).toEqual([10_000, 10_000, 10_000]);
  });
});

describe('readCallback', () => {
  const read = (query: string) => readCallback(new URLSearchParams(query), ISSUER);
  const refusal = (code: string) => expect.objectContaining({ code });

  it('reads a code', () => {
    expect(read('code=c.1-2&state=s&session_state=x')).toEqual({
      kind: 'code',
      state: 's',
      code: 'c.1-2',
      sender: 'unnamed',
    });
    expect(read(`code=c&state=s&iss=${encodeURIComponent(ISSUER)}`)).toMatchObject({ kind: 'code' });
  });

  it('O26: an error wins over a code; its text only chooses the row', () => {
    expect(
      read('error=access_denied&error_description=Consent+rejected+by+user&code=c&state=s'),
    ).toMatchObject({
      kind: 'error',
      row: { id: 'authorization-7' },
    });
    const html = read('error=x&error_description=%3Cscript%3Ealert(1)%3C%2Fscript%3E&state=s');
    expect(html).toMatchObject({
      kind: 'error',
      row: { id: 'authorization-fallback-error', code: 'oidc.callback-error' },
    });
    expect(JSON.stringify(html)).not.toContain('script');
    expect(read('error=&state=s')).toMatchObject({ kind: 'error' });
  });

  it('O7: another issuer is refused before anything else', () => {
    expect(() => read('code=c&state=s&iss=https%3A%2F%2Fevil.example')).toThrowError(refusal('oidc.issuer'));
    expect(() => read(`code=c&state=s&iss=${encodeURIComponent(`${ISSUER}/`)}`)).toThrowError(
      refusal('oidc.issuer'),
    );
  });

  it.each([
    ['code=c', 'oidc.state'],
    ['code=c&state=', 'oidc.state'],
    ['code=c&state=a&state=a', 'oidc.state'],
    [`code=c&state=${'a'.repeat(256)}`, 'oidc.state'],
    ['code=c&state=%00', 'oidc.state'],
    ['code=c&code=d&state=s', 'oidc.callback-error'],
    ['error=a&error=b&state=s', 'oidc.callback-error'],
    ['state=s', 'oidc.callback-error'],
    ['state=s&code=', 'oidc.callback-error'],
    ['state=s&code=a%0D%0Ab', 'oidc.callback-error'],
    [`state=s&code=${'a'.repeat(4097)}`, 'oidc.callback-error'],
  ])('refuses %s', (query, code) => {
    expect(() => read(query)).toThrowError(refusal(code));
  });
});

describe('provider metadata', () => {
  const rule = { loopbackHttp: 'refused' } as const;
  const document = {
    issuer: ISSUER,
    authorization_endpoint: ENDPOINT,
    token_endpoint: `${ISSUER}/token`,
    userinfo_endpoint: `${ISSUER}/userinfo`,
    jwks_uri: `${ISSUER}/certs`,
    extra: true,
  };

  it('is read where everything is in order', () => {
    expect(checkProviderMetadata(document, ISSUER, rule)).toEqual({
      issuer: ISSUER,
      authorizationEndpoint: ENDPOINT,
      tokenEndpoint: `${ISSUER}/token`,
      userinfoEndpoint: `${ISSUER}/userinfo`,
      jwksUri: `${ISSUER}/certs`,
      issuerInAnswers: false,
    });
    expect(discoveryUrl(ISSUER, rule)).toBe(`${ISSUER}/.well-known/openid-configuration`);
  });

  it.each([`${ISSUER}/`, ISSUER.toUpperCase(), 'https://other.example', undefined, [ISSUER]])(
    'issuer %j',
    (issuer) => {
      expect(() => checkProviderMetadata({ ...document, issuer: issuer ?? null }, ISSUER, rule)).toThrowError(
        expect.objectContaining({ code: 'oidc.issuer' }),
      );
    },
  );

  it.each([
    ['http', { token_endpoint: 'http://op.simulated.example/token' }],
    ['another host', { jwks_uri: 'https://evil.example/certs' }],
    ['another port', { jwks_uri: 'https://op.simulated.example:8443/certs' }],
    ['user information', { jwks_uri: 'https://a:b@op.simulated.example/certs' }],
    ['javascript', { authorization_endpoint: 'javascript:alert(1)' }],
    ['relative', { userinfo_endpoint: '/userinfo' }],
    ['no text', { token_endpoint: 1 }],
  ])('refuses an endpoint: %s', (_, changes) => {
    expect(() => checkProviderMetadata({ ...document, ...changes }, ISSUER, rule)).toThrowError(
      expect.objectContaining({ code: 'oidc.metadata' }),
    );
  });

  it('a broker may keep endpoints on a named other origin', () => {
    const spread = { ...document, jwks_uri: 'https://keys.simulated.example/certs' };
    const permitted = { ...rule, otherOrigins: ['https://keys.simulated.example'] };
    expect(checkProviderMetadata(spread, ISSUER, permitted).jwksUri).toBe(
      'https://keys.simulated.example/certs',
    );
  });

  it('http only on loopback, and only by the flag', () => {
    const allowed = { loopbackHttp: 'allowed' } as const;
    for (const host of ['127.0.0.1:80', '[::1]:8080', 'localhost:1']) {
      expect(discoveryUrl(`http://${host}/realm`, allowed)).toContain(
        host.replace(':80/', '/').replace(/:80$/, ''),
      );
      expect(() => discoveryUrl(`http://${host}/realm`, rule)).toThrowError(
        expect.objectContaining({ code: 'oidc.metadata' }),
      );
    }
    for (const url of [
      'http://127.0.0.1.evil.example/',
      'http://op.simulated.example/',
      'ftp://127.0.0.1/',
      'nonsense',
    ]) {
      expect(() => discoveryUrl(url, allowed)).toThrowError(
        expect.objectContaining({ code: 'oidc.metadata' }),
      );
    }
  });

  it.each([`${ISSUER}?a=b`, `${ISSUER}#a`, `${ISSUER}?`])(
    'an issuer with query or fragment: %s',
    (issuer) => {
      expect(() => discoveryUrl(issuer, rule)).toThrowError(
        expect.objectContaining({ code: 'oidc.metadata' }),
      );
    },
  );
});
