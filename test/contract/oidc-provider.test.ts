import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type OidcContext, Provider } from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuthAndSignOptions } from '../../src/adapters/auth-and-sign/options.ts';
import { createAuthAndSign } from '../../src/adapters/auth-and-sign/private-client.ts';
import { systemClock } from '../../src/adapters/clock.ts';
import { createHttpClient } from '../../src/adapters/http-client/http-client.ts';
import { createClientKeys, generateClientKey, publicClientKey } from '../../src/adapters/keys/client-key.ts';
import { systemRandom } from '../../src/adapters/random.ts';
import { readCallback } from '../../src/core/oidc/callback.ts';
import type { AuthorizationRequest } from '../../src/ports/auth-and-sign.ts';
import { codeOf } from '../unit/oidc/mint.ts';
import { memoryLeases } from './auth-and-sign/recorded-service.ts';

/** A second OpenID Provider, made by others: the relying party must not fit our own simulator only. */
const CALLBACK = 'https://rp.example/callback';
const ACCOUNT = 'simulated-account';

let server: Server;
let issuer: string;
let options: AuthAndSignOptions;
let atHash: 'sent' | 'withheld' = 'sent';

beforeAll(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const key = await generateClientKey('ES256');
  const provider = new Provider(issuer, configuration(publicClientKey(key)));
  const callback = provider.callback();
  server.on('request', (incoming, outgoing) => {
    if (incoming.url?.startsWith('/interaction/')) void interact(provider, incoming, outgoing);
    else callback(incoming, outgoing);
  });
  options = {
    issuer,
    clientId: 'RP00000001',
    clientKeys: createClientKeys({ active: key.kid, keys: [key] }),
    http: createHttpClient({ allowedHosts: [new URL(issuer).host], loopbackHttp: 'allowed' }),
    clock: systemClock,
    random: systemRandom(),
    leases: memoryLeases(),
    allowLoopbackHttp: true,
    iatWindowMillis: 600_000,
  };
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function configuration(clientKey: object) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signingKey = { ...privateKey.export({ format: 'jwk' }), kid: 'op-1', alg: 'ES256', use: 'sig' };
  return {
    clients: [
      {
        client_id: 'RP00000001',
        redirect_uris: [CALLBACK],
        grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        id_token_signed_response_alg: 'ES256',
        jwks: { keys: [clientKey] },
        scope: 'openid name address birthdate gender sign',
      },
    ],
    jwks: { keys: [signingKey] },
    scopes: ['openid', 'sign'],
    claims: {
      openid: ['sub', 'at_hash'],
      name: ['name'],
      address: ['address'],
      birthdate: ['birthdate'],
      gender: ['gender'],
    },
    extraParams: ['sign_transaction_id'],
    enabledJWA: { idTokenSigningAlgValues: ['ES256'], clientAuthSigningAlgValues: ['ES256'] },
    features: { devInteractions: { enabled: false }, clientCredentials: { enabled: true } },
    interactions: {
      url: (_: unknown, interaction: { readonly uid: string }) => `/interaction/${interaction.uid}`,
    },
    issueRefreshToken: () => true,
    pkce: { required: () => true },
    cookies: { keys: ['simulated'] },
    ttl: {
      AccessToken: 600,
      ClientCredentials: 600,
      Grant: 600,
      IdToken: 600,
      Interaction: 600,
      RefreshToken: 600,
      Session: 600,
    },
    findAccount: (context: OidcContext) => ({
      accountId: ACCOUNT,
      claims: (use: string) => ({
        sub: ACCOUNT,
        name: '見本　花子',
        birthdate: '1985-03-15',
        gender: 'female',
        ...(use === 'id_token' ? hashOf(context) : {}),
      }),
    }),
  };
}

/** at_hash is optional in the code flow and this provider sends none by itself; it hashes the token given as that claim. */
function hashOf(context: OidcContext) {
  const token = context.oidc.entities.AccessToken?.jti;
  return token === undefined || atHash === 'withheld' ? {} : { at_hash: token };
}

/** Login and consent at once. */
async function interact(
  provider: Provider,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { params } = await provider.interactionDetails(incoming, outgoing);
  const grant = new provider.Grant({ accountId: ACCOUNT, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const result = { login: { accountId: ACCOUNT }, consent: { grantId: await grant.save() } };
  await provider.interactionFinished(incoming, outgoing, result);
}

/** Follows redirects as a browser does, until one leads back to the relying party. */
async function browse(start: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = start;
  for (let step = 0; step < 10; step += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (set.split(';', 1)[0] ?? '').split('=', 2);
      cookies.set(name, value);
    }
    const location = new URL(response.headers.get('location') ?? '', url);
    if (location.href.startsWith(CALLBACK)) return location;
    url = location.href;
  }
  throw new Error('no way back');
}

function request(changes: Partial<AuthorizationRequest> = {}): AuthorizationRequest {
  const [state = '', nonce = '', codeVerifier = ''] = [1, 2, 3].map(() =>
    randomBytes(32).toString('base64url'),
  );
  return {
    state,
    nonce,
    codeVerifier,
    scope: ['openid', 'name', 'birthdate', 'gender'],
    redirectUri: CALLBACK,
    ...changes,
  };
}

async function codeFor(
  client: ReturnType<typeof createAuthAndSign>,
  sent: AuthorizationRequest,
): Promise<string> {
  const callback = readCallback((await browse(await client.authorizationUrl(sent))).searchParams, issuer);
  if (callback.kind !== 'code' || callback.state !== sent.state) throw new Error('no code');
  return callback.code;
}

describe('against oidc-provider', () => {
  it('discovery, code with PKCE, private_key_jwt, ES256 ID token, UserInfo, refresh', async () => {
    const client = createAuthAndSign(options);
    const sent = request();
    const tokens = await client.exchangeCode(await codeFor(client, sent), sent, 'named');
    expect(tokens.subject).toBe(ACCOUNT);
    expect(await client.userInfo(tokens.accessToken, tokens.subject)).toEqual({
      subject: ACCOUNT,
      name: '見本　花子',
      birthdate: '19850315',
      gender: '2',
    });
    const refreshed = await client.refresh(tokens);
    expect(refreshed.subject).toBe(ACCOUNT);
    expect(refreshed.accessToken).not.toBe(tokens.accessToken);
  });

  it('an answer without iss is refused, where the issuer says that it sends it (RFC 9207)', async () => {
    const client = createAuthAndSign(options);
    const sent = request();
    const code = await codeFor(client, sent);
    expect(await codeOf(client.exchangeCode(code, sent, 'unnamed'))).toBe('oidc.issuer');
    expect(await client.exchangeCode(code, sent, 'named')).toMatchObject({ subject: ACCOUNT });
  });

  it('takes its own error answers', async () => {
    const client = createAuthAndSign(options);
    const sent = request();
    const code = await codeFor(client, sent);
    expect(await codeOf(client.exchangeCode(code, { ...sent, codeVerifier: 'w'.repeat(43) }, 'named'))).toBe(
      'upstream.restart',
    );
    expect(await codeOf(client.exchangeCode('nonsense', sent, 'named'))).toBe('upstream.restart');
    expect(await codeOf(client.userInfo('nonsense', ACCOUNT))).toBe('upstream.refresh');
    const stranger = createAuthAndSign({ ...options, clientId: 'RP00000009' });
    expect(await codeOf(stranger.exchangeCode(code, sent, 'named'))).toBe('upstream.operator');
  });

  it('refuses its ID token where it sends no at_hash, unless configured for such a broker', async () => {
    atHash = 'withheld';
    try {
      const strict = createAuthAndSign(options);
      const first = request();
      expect(await codeOf(strict.exchangeCode(await codeFor(strict, first), first, 'named'))).toBe(
        'oidc.at-hash',
      );
      const lenient = createAuthAndSign({ ...options, atHash: 'if-present' });
      const second = request();
      expect(await lenient.exchangeCode(await codeFor(lenient, second), second, 'named')).toMatchObject({
        subject: ACCOUNT,
      });
    } finally {
      atHash = 'sent';
    }
  });

  it('gives a client token for signing; what it does not know, a start call, is a 404', async () => {
    const client = createAuthAndSign(options);
    const data = 'XIh3yqL9yiAUQkuovXqx+xKZOwameHZx7OCoTRdlJrQ=' as Parameters<
      typeof client.startSignature
    >[0]['data'];
    expect(await codeOf(client.startSignature({ displayName: '見本', identificationCode: 'A1', data }))).toBe(
      'upstream.final',
    );
  });
});
