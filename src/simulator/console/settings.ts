import { SCOPE_SIGN } from '../../adapters/auth-and-sign/wire.ts';

/** What a library needs to be told, to be copied. */
interface LibrarySettings {
  readonly name: string;
  readonly text: string;
}

/** Of whom the settings are. */
interface SettingsOf {
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUri: string;
}

const SCOPE = 'openid name address birthdate gender';

/** Settings of common libraries and brokers for one client; what each needs beyond its defaults is in a comment. */
export function librarySettings(of: SettingsOf): readonly LibrarySettings[] {
  return [openidClient(of), authJs(of), jitsuin(of), spring(of), authlib(of), goOidc(of), keycloak(of)];
}

function openidClient({ issuer, clientId, redirectUri }: SettingsOf): LibrarySettings {
  const insecure = issuer.startsWith('http:')
    ? ', { execute: [client.allowInsecureRequests] } // plain http: for the simulator alone'
    : '';
  return {
    name: 'openid-client 6 (Node)',
    text: `const config = await client.discovery(new URL('${issuer}'), '${clientId}',
  { id_token_signed_response_alg: 'ES256' }, client.PrivateKeyJwt({ key, kid })${insecure});
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: '${redirectUri}', scope: '${SCOPE}',
  state, nonce, // 255 characters at most; both are demanded
  code_challenge, code_challenge_method: 'S256',
});`,
  };
}

function authJs({ issuer, clientId }: SettingsOf): LibrarySettings {
  return {
    name: 'Auth.js 5',
    text: `{ id: 'jpki', name: 'マイナンバーカード', type: 'oidc', issuer: '${issuer}',
  clientId: '${clientId}', idToken: false, // the attributes are in UserInfo
  client: { token_endpoint_auth_method: 'none', id_token_signed_response_alg: 'ES256' },
  // its own state has over 400 characters, the service takes 255; nonce and PKCE refuse a foreign answer
  checks: ['pkce', 'nonce'],
  authorization: { params: { scope: '${SCOPE}', get state() { return randomUUID(); } } },
  // its own private_key_jwt names two audiences: add client_assertion (and its type) to init.body here
  [customFetch]: signed }
// the whole of it: samples/openid/authjs`,
  };
}

function jitsuin({ issuer, clientId, redirectUri }: SettingsOf): LibrarySettings {
  return {
    name: 'jitsuin (sp, gov)',
    text: `JITSUIN_ISSUER=${issuer}
JITSUIN_CLIENT_ID=${clientId}
JITSUIN_CLIENT_KEY_FILE=client-key.json   # jitsuin rp keygen
JITSUIN_REDIRECT_URI=${redirectUri}   # scope of a signature: openid ${SCOPE_SIGN}`,
  };
}

function spring({ issuer, clientId, redirectUri }: SettingsOf): LibrarySettings {
  return {
    name: 'Spring Security (Boot 3)',
    text: `spring.security.oauth2.client.provider.jpki.issuer-uri=${issuer}
spring.security.oauth2.client.registration.jpki.client-id=${clientId}
spring.security.oauth2.client.registration.jpki.client-authentication-method=private_key_jwt
spring.security.oauth2.client.registration.jpki.scope=${SCOPE.replaceAll(' ', ',')}
spring.security.oauth2.client.registration.jpki.redirect-uri=${redirectUri}
# beans: NimbusJwtClientAuthenticationParametersConverter, withPkce(), an ID token decoder factory for ES256`,
  };
}

function authlib({ issuer, clientId }: SettingsOf): LibrarySettings {
  return {
    name: 'Authlib (Python)',
    text: `client = OAuth2Session('${clientId}', key, scope='${SCOPE}', code_challenge_method='S256',
                       token_endpoint_auth_method=PrivateKeyJWT(token_endpoint, alg='ES256'))
# discovery: ${issuer}/.well-known/openid-configuration
client.fetch_token(token_endpoint, client_id='${clientId}', …)  # client_id by hand: Authlib leaves it out`,
  };
}

function goOidc({ issuer, clientId, redirectUri }: SettingsOf): LibrarySettings {
  return {
    name: 'coreos/go-oidc 3',
    text: `provider, err := oidc.NewProvider(ctx, "${issuer}")
config := oauth2.Config{ClientID: "${clientId}", RedirectURL: "${redirectUri}", Endpoint: provider.Endpoint(),
  Scopes: strings.Split("${SCOPE}", " ")} // config.Endpoint.AuthStyle = oauth2.AuthStyleInParams
// Exchange(…, oauth2.VerifierOption(v), oauth2.SetAuthURLParam("client_assertion_type", …),
//   oauth2.SetAuthURLParam("client_assertion", …))`,
  };
}

function keycloak({ issuer, clientId }: SettingsOf): LibrarySettings {
  return {
    name: 'Keycloak 26 (identity provider)',
    text: `discovery: ${issuer}/.well-known/openid-configuration
clientId=${clientId}  clientAuthMethod=private_key_jwt  clientAssertionSigningAlg=ES256
pkceEnabled=true  pkceMethod=S256  defaultScope=${SCOPE}
requiresShortStateParameter=true   # otherwise its state is longer than 255 characters`,
  };
}
