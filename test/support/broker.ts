import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type OidcContext, Provider } from 'oidc-provider';
import { createAuthAndSign } from '../../src/adapters/auth-and-sign/private-client.ts';
import { systemClock } from '../../src/adapters/clock.ts';
import { createHttpClient } from '../../src/adapters/http-client/http-client.ts';
import { createClientKeys, generateClientKey, publicClientKey } from '../../src/adapters/keys/client-key.ts';
import { systemRandom } from '../../src/adapters/random.ts';
import type { AuthAndSign, AuthorizationRequest, UserInfo } from '../../src/ports/auth-and-sign.ts';
import type { Simulator } from '../../src/simulator/options.ts';
import { memoryLeases } from '../contract/auth-and-sign/recorded-service.ts';

export const BROKER_CLIENT_ID = 'rp-at-broker';
export const BROKER_CLIENT_SECRET = 'simulated:secret%with/marks-0123456789';
const UPSTREAM_CLIENT_ID = 'BROKER00000001';

/** An identity broker as an agency or company runs it (oidc-provider), with the service behind it as its only login. */
export interface Broker {
  readonly issuer: string;
  /** Registers the broker at the simulated service and lets logins through. */
  connect(simulator: Simulator): Promise<void>;
  close(): Promise<void>;
}

interface Upstream {
  readonly client: AuthAndSign;
  readonly requests: Map<string, AuthorizationRequest>;
  readonly people: Map<string, UserInfo>;
}

/**
 * RS256, client_secret_basic, an ID token without at_hash: as many brokers are, and unlike the service. It says in
 * `identity_provider` of the ID token who led in.
 */
export async function startBroker(redirectUri: () => string): Promise<Broker> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let upstream: Upstream | undefined;
  let provider: Provider | undefined;
  server.on('request', (incoming, outgoing) => {
    provider ??= new Provider(
      issuer,
      configuration(redirectUri(), () => upstream),
    );
    if (upstream === undefined) outgoing.writeHead(503).end();
    else if (/^\/(?:interaction|upstream)/.test(incoming.url ?? '')) {
      void interact(provider, upstream, issuer, incoming, outgoing);
    } else provider.callback()(incoming, outgoing);
  });
  return {
    issuer,
    connect: async (simulator) => {
      upstream = await upstreamOf(simulator, issuer);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function upstreamOf(simulator: Simulator, issuer: string): Promise<Upstream> {
  const key = await generateClientKey('ES256');
  simulator.registerClient({
    clientId: UPSTREAM_CLIENT_ID,
    jwks: { keys: [publicClientKey(key)] },
    redirectUris: [`${issuer}/upstream/callback`],
    variant: 'private',
  });
  const client = createAuthAndSign({
    issuer: simulator.issuer,
    clientId: UPSTREAM_CLIENT_ID,
    clientKeys: createClientKeys({ active: key.kid, keys: [key] }),
    http: createHttpClient({ allowedHosts: [new URL(simulator.url).host], loopbackHttp: 'allowed' }),
    clock: systemClock,
    random: systemRandom(),
    leases: memoryLeases(),
    allowLoopbackHttp: true,
    iatWindowMillis: 600_000,
  });
  return { client, requests: new Map(), people: new Map() };
}

function configuration(redirectUri: string, upstream: () => Upstream | undefined) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const signingKey = { ...privateKey.export({ format: 'jwk' }), kid: 'broker-1', alg: 'RS256', use: 'sig' };
  return {
    clients: [
      {
        client_id: BROKER_CLIENT_ID,
        client_secret: BROKER_CLIENT_SECRET,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_basic',
        id_token_signed_response_alg: 'RS256',
        scope: 'openid profile address',
      },
    ],
    jwks: { keys: [signingKey] },
    conformIdTokenClaims: false,
    claims: {
      openid: ['sub', 'identity_provider'],
      profile: ['name', 'birthdate', 'gender'],
      address: ['address'],
    },
    features: { devInteractions: { enabled: false } },
    interactions: {
      url: (_: unknown, interaction: { readonly uid: string }) => `/interaction/${interaction.uid}`,
    },
    issueRefreshToken: () => true,
    pkce: { required: () => true },
    cookies: { keys: ['simulated'] },
    ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, RefreshToken: 600, Session: 600 },
    findAccount: (_context: OidcContext, id: string) => {
      const person = upstream()?.people.get(id);
      if (person === undefined) return undefined;
      const { name, address, birthdate = '' } = person;
      return {
        accountId: id,
        claims: () => ({
          sub: id,
          identity_provider: 'jpki',
          name,
          address: { formatted: address },
          birthdate: birthdate.replace(/^(....)(..)(..)$/, '$1-$2-$3'),
          gender: person.gender === '1' ? 'male' : 'female',
        }),
      };
    },
  };
}

/** `/interaction/UID` sends on to the service, `/upstream/callback` takes its answer, `/interaction/UID/done` ends it. */
async function interact(
  provider: Provider,
  upstream: Upstream,
  issuer: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const url = new URL(incoming.url ?? '', issuer);
  const uid = url.pathname.split('/')[2] ?? '';
  if (url.pathname.startsWith('/upstream')) return takeAnswer(upstream, url, outgoing);
  if (!url.pathname.endsWith('/done')) return sendOn(upstream, uid, issuer, outgoing);
  const { params } = await provider.interactionDetails(incoming, outgoing);
  const accountId = url.searchParams.get('sub') ?? '';
  const grant = new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const result = { login: { accountId }, consent: { grantId: await grant.save() } };
  await provider.interactionFinished(incoming, outgoing, result);
}

async function sendOn(
  upstream: Upstream,
  uid: string,
  issuer: string,
  outgoing: ServerResponse,
): Promise<void> {
  const request: AuthorizationRequest = {
    state: uid,
    nonce: crypto.randomUUID(),
    codeVerifier: `${crypto.randomUUID()}${crypto.randomUUID()}`,
    scope: ['openid', 'name', 'address', 'birthdate', 'gender'],
    redirectUri: `${issuer}/upstream/callback`,
  };
  upstream.requests.set(uid, request);
  outgoing.writeHead(302, { location: await upstream.client.authorizationUrl(request) }).end();
}

async function takeAnswer(upstream: Upstream, url: URL, outgoing: ServerResponse): Promise<void> {
  const uid = url.searchParams.get('state') ?? '';
  const request = upstream.requests.get(uid);
  if (request === undefined) throw new Error('no such interaction');
  const tokens = await upstream.client.exchangeCode(url.searchParams.get('code') ?? '', request);
  const person = await upstream.client.userInfo(tokens.accessToken, tokens.subject);
  upstream.people.set(tokens.subject, person);
  outgoing.writeHead(302, { location: `/interaction/${uid}/done?sub=${tokens.subject}` }).end();
}
