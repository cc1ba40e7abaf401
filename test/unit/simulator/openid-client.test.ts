import { importPKCS8 } from 'jose/key/import';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { driveCitizen } from '../../../src/simulator/citizen.ts';
import { makeTestWorld, REDIRECT_URI, type TestWorld } from './relying-party.ts';

// A client that nobody here wrote: the simulator must be an OpenID Provider to it as well.
let world: TestWorld;
beforeAll(async () => {
  // openid-client reads the time of day itself.
  world = await makeTestWorld({ simulator: { now: () => Date.now() as never } });
});
afterAll(() => world.simulator.close());

async function configure(): Promise<client.Configuration> {
  const pem = world.clientKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const key = await importPKCS8(pem, 'ES256');
  return client.discovery(
    new URL(world.simulator.issuer),
    'rp',
    { id_token_signed_response_alg: 'ES256' },
    client.PrivateKeyJwt({ key, kid: 'client-1' }),
    { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
  );
}

describe('openid-client', () => {
  it('discovers, logs in with PKCE and private_key_jwt, asks UserInfo, refreshes', async () => {
    const config = await configure();
    const verifier = client.randomPKCECodeVerifier();
    const [state, nonce] = [client.randomState(), client.randomNonce()];
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT_URI,
      scope: 'openid name',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    const callback = new URL(await driveCitizen(url.href, { person: 'hanako' }));
    const tokens = await client.authorizationCodeGrant(config, callback, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    const sub = tokens.claims()?.sub ?? '';
    expect(await client.fetchUserInfo(config, tokens.access_token, sub)).toEqual({ sub, name: '模擬 花子' });
    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
    expect(refreshed.claims()?.sub).toBe(sub);
  });

  it('gets a client-credentials token without an ID token', async () => {
    const tokens = await client.clientCredentialsGrant(await configure(), { scope: 'sign' });
    expect([tokens.token_type, tokens.id_token, tokens.scope]).toEqual(['bearer', undefined, 'sign']);
  });
});
