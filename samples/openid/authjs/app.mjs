// Auth.js with the settings that デジタル認証アプリ takes. Its own are refused there: see `state` and `signed` below.
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { customFetch } from '@auth/core';
import { ExpressAuth, getSession } from '@auth/express';
import express from 'express';
import { importJWK, SignJWT } from 'jose';

const {
  ISSUER = 'http://127.0.0.1:8090/api/realms/main',
  CLIENT_ID = 'app-1',
  APP_URL = 'http://localhost:3000',
  AUTH_SECRET = randomBytes(32).toString('base64url'),
} = process.env;
process.env.AUTH_URL ??= APP_URL;

const text = process.env.CLIENT_KEY ?? readFileSync(process.env.CLIENT_KEY_FILE ?? 'client-key.json', 'utf8');
const file = JSON.parse(text);
const jwk = file.keys?.find(({ kid }) => kid === file.active) ?? file;
const key = await importJWK(jwk, 'ES256');

/**
 * private_key_jwt of Auth.js names two audiences, which a server of Keycloak's kind refuses ("Multiple audiences not
 * allowed"). So Auth.js authenticates by nothing, and each request to the token endpoint gets an assertion here.
 */
async function signed(url, init = {}) {
  if (init.body instanceof URLSearchParams && init.body.has('grant_type')) {
    const assertion = await new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', kid: jwk.kid })
      .setIssuer(CLIENT_ID)
      .setSubject(CLIENT_ID)
      .setAudience(ISSUER)
      .setIssuedAt('-5s')
      .setExpirationTime('50s')
      .sign(key);
    init.body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    init.body.set('client_assertion', assertion);
  }
  return fetch(url, init);
}

const config = {
  secret: AUTH_SECRET,
  trustHost: true,
  providers: [
    {
      id: 'jpki',
      name: 'マイナンバーカード',
      type: 'oidc',
      issuer: ISSUER,
      clientId: CLIENT_ID,
      client: { token_endpoint_auth_method: 'none', id_token_signed_response_alg: 'ES256' },
      [customFetch]: signed,
      // The state that Auth.js makes is a JWE of over 400 characters; the service takes 255, and demands one. This one is
      // not compared: the nonce and the verifier, each in a cookie of this browser, refuse an answer to another.
      checks: ['pkce', 'nonce'],
      authorization: {
        params: {
          scope: 'openid name address birthdate gender',
          get state() {
            return randomUUID();
          },
        },
      },
      idToken: false, // the attributes are in UserInfo, not in the ID token
      profile: ({ sub, name }) => ({ id: sub, name }),
    },
  ],
  callbacks: {
    jwt: ({ token, profile }) => (profile === undefined ? token : { ...token, sub: profile.sub }),
    session: ({ session, token }) => ({ ...session, sub: token.sub }),
  },
};

const app = express();
app.set('trust proxy', true);
app.use(/^\/auth\/(.*)/, ExpressAuth(config)); // as Express 5 writes what Auth.js reads the path from
app.get('/', async (request, response) => {
  const session = await getSession(request, config);
  const greeting =
    session === null ? '<a href="/auth/signin">ログイン</a>' : '<a href="/auth/signout">ログアウト</a>';
  response.send(
    `<!doctype html><html lang="ja"><meta charset="utf-8"><title>アプリ</title><h1>アプリ</h1>${greeting}</html>`,
  );
});
app.get('/me', async (request, response) => {
  const session = await getSession(request, config);
  if (session === null) response.status(401).json({ error: 'nobody is logged in' });
  else response.json({ sub: session.sub, name: session.user?.name });
});

const port = Number(process.env.PORT ?? 3000);
app.listen(port, '127.0.0.1', () => console.log(`listening on ${port}`));
