import { randomUUID, type webcrypto } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as client from 'openid-client';

/** A relying party as openid-client's own readme has it, with nothing of ours in it. */
export async function openidClientRp(
  issuer: string,
  clientId: string,
  key: webcrypto.CryptoKey,
  strict: boolean,
) {
  const config = await client.discovery(
    new URL(issuer),
    clientId,
    { id_token_signed_response_alg: 'ES256' },
    client.PrivateKeyJwt({ key, kid: 'k' }),
    { execute: [client.allowInsecureRequests] },
  );
  if (strict) client.enableNonRepudiationChecks(config);
  const logins = new Map<string, { state: string; nonce: string; verifier: string }>();
  const people = new Map<string, string>();
  let base = '';
  const server: Server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', base);
    const id = /sid=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
    if (url.pathname === '/login') {
      const login = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      };
      const sid = randomUUID();
      logins.set(sid, login);
      const target = client.buildAuthorizationUrl(config, {
        redirect_uri: `${base}/cb`,
        scope: 'openid name',
        state: login.state,
        nonce: login.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(login.verifier),
        code_challenge_method: 'S256',
      });
      return void response
        .writeHead(302, { location: target.href, 'set-cookie': `sid=${sid}; HttpOnly` })
        .end();
    }
    if (url.pathname === '/cb') {
      const login = logins.get(id);
      logins.delete(id);
      try {
        const tokens = await client.authorizationCodeGrant(config, url, {
          expectedState: login?.state ?? '',
          expectedNonce: login?.nonce ?? '',
          pkceCodeVerifier: login?.verifier ?? '',
          idTokenExpected: true,
        });
        const sub = tokens.claims()?.sub ?? '';
        await client.fetchUserInfo(config, tokens.access_token, sub);
        people.set(id, sub);
        return void response.writeHead(302, { location: '/home' }).end();
      } catch {
        return void response.writeHead(403).end('not logged in');
      }
    }
    response.writeHead(people.has(id) ? 200 : 401).end('page');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { server, base };
}
