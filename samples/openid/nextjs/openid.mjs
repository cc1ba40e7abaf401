// Login with a My Number Card by OpenID Connect alone: openid-client and jose, nothing of jitsuin.
// State is in this process; an app of several processes keeps `attempts` and `sessions` in its database.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRemoteJWKSet, importJWK, jwtVerify } from 'jose';
import * as client from 'openid-client';

const {
  ISSUER = 'http://127.0.0.1:8090/api/realms/main',
  CLIENT_ID = 'app-1',
  APP_URL = 'http://localhost:3000',
} = process.env;
const SCOPE = 'openid name address birthdate gender';
const MINUTE = 60_000;

export const REDIRECT_URI = `${APP_URL}/callback`;
export const COOKIES = {
  attempt: { name: 'jpki-attempt', minutes: 30 },
  session: { name: 'jpki-session', minutes: 60 },
  options: { httpOnly: true, sameSite: 'lax', path: '/', secure: APP_URL.startsWith('https:') },
};

/** One object even where a framework loads this file more than once. */
globalThis.jpkiLogin ??= { attempts: new Map(), sessions: new Map(), opened: {} };
const { attempts, sessions, opened } = globalThis.jpkiLogin;

/** The metadata and the key of private_key_jwt; asked for again when it failed. */
function provider() {
  opened.provider ??= discover().catch((error) => {
    opened.provider = undefined;
    throw error;
  });
  return opened.provider;
}

async function discover() {
  const { key, kid } = await privateKey();
  return client.discovery(
    new URL(ISSUER),
    CLIENT_ID,
    { id_token_signed_response_alg: 'ES256' }, // the default of OpenID Connect is RS256
    client.PrivateKeyJwt({ key, kid }),
    {
      // The signature of the ID token is checked, beyond what OpenID Connect demands behind TLS.
      execute: [
        client.enableNonRepudiationChecks,
        ...(ISSUER.startsWith('http:') ? [client.allowInsecureRequests] : []),
      ],
    },
  );
}

/** A file of `jitsuin rp keygen`, or one private JWK; as text in CLIENT_KEY where there are no files (Vercel). */
async function privateKey() {
  const text =
    process.env.CLIENT_KEY ?? readFileSync(process.env.CLIENT_KEY_FILE ?? 'client-key.json', 'utf8');
  const file = JSON.parse(text);
  const jwk = file.keys?.find(({ kid }) => kid === file.active) ?? file;
  return { key: await importJWK(jwk, 'ES256'), kid: jwk.kid };
}

/** A login begins: the address to send the browser to, and what its cookie has to hold until it comes back. */
export async function begin() {
  const config = await provider();
  const attempt = {
    state: client.randomState(),
    nonce: client.randomNonce(),
    verifier: client.randomPKCECodeVerifier(),
    until: Date.now() + COOKIES.attempt.minutes * MINUTE,
  };
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT_URI,
    scope: SCOPE,
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: 'S256',
  });
  return { url: url.href, cookie: keep(attempts, attempt) };
}

/** The browser came back with `query`: the cookie of a session, or why there is none (a citizen may refuse). */
export async function finish(query, attemptCookie) {
  const attempt = taken(attempts, attemptCookie);
  if (attempt === undefined) return { refused: 'no login is under way in this browser' };
  const config = await provider();
  try {
    const tokens = await client.authorizationCodeGrant(config, new URL(`${REDIRECT_URI}?${query}`), {
      pkceCodeVerifier: attempt.verifier,
      expectedState: attempt.state,
      expectedNonce: attempt.nonce,
      idTokenExpected: true,
    });
    const { sub, sid } = tokens.claims();
    const person = await client.fetchUserInfo(config, tokens.access_token, sub);
    return {
      cookie: keep(sessions, { sub, sid, person, until: Date.now() + COOKIES.session.minutes * MINUTE }),
    };
  } catch (error) {
    return { refused: error.error_description ?? error.error ?? error.code ?? 'the login failed' };
  }
}

/** Who is logged in: `sub` is the person's id at this client, `person` what UserInfo said. */
export function whoIs(sessionCookie) {
  const session = sessions.get(sessionCookie);
  return session !== undefined && session.until > Date.now() ? session : undefined;
}

export function logOut(sessionCookie) {
  sessions.delete(sessionCookie);
}

/** The service says that a login is over (back-channel logout): true when the token is good. */
export async function backChannelLogout(token) {
  const config = await provider();
  opened.keys ??= createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
  try {
    const { payload } = await jwtVerify(token, opened.keys, {
      issuer: ISSUER,
      audience: CLIENT_ID,
      algorithms: ['ES256'],
      maxTokenAge: '10 min',
      requiredClaims: ['jti', 'sub', 'events'],
    });
    const { sub, sid, events, nonce } = payload;
    if (!('http://schemas.openid.net/event/backchannel-logout' in Object(events)) || nonce !== undefined)
      return false;
    for (const [cookie, session] of sessions) {
      if (session.sub === sub && (sid === undefined || session.sid === sid)) sessions.delete(cookie);
    }
    return true;
  } catch {
    return false;
  }
}

/** A page for who is logged in, or for nobody. The login is a link, since `form-action` stops forms that lead off-site. */
export function page(session) {
  const content =
    session === undefined
      ? '<p><a href="/login">マイナンバーカードでログインする</a></p>'
      : `<p id="name">${escaped(session.person.name)}</p><form method="post" action="/logout"><button>ログアウト</button></form>`;
  return `<!doctype html><html lang="ja"><meta charset="utf-8"><title>アプリ</title><h1>アプリ</h1>${content}</html>`;
}

function escaped(text = '') {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function keep(map, value) {
  for (const [key, { until }] of map) if (until < Date.now()) map.delete(key);
  const key = randomUUID();
  map.set(key, value);
  return key;
}

function taken(map, key) {
  const value = map.get(key);
  map.delete(key);
  return value !== undefined && value.until > Date.now() ? value : undefined;
}
