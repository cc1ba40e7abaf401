import { SCOPE_SIGN } from '../../adapters/auth-and-sign/wire.ts';
import { type Answer, json, type Reply } from './reply.ts';
import type { World } from './world.ts';

/** Scopes of the authorization request (facts 1.2). */
export const CITIZEN_SCOPES = ['openid', 'name', 'address', 'birthdate', 'gender', SCOPE_SIGN] as const;

/** OpenID Provider metadata. ASSUMPTION: the service's own document is not published; members are Keycloak's. */
export function discovery(world: World): Answer {
  const protocol = `${world.issuer}/protocol/openid-connect`;
  const metadata = {
    issuer: world.issuer,
    authorization_endpoint: `${protocol}/auth`,
    token_endpoint: `${protocol}/token`,
    userinfo_endpoint: `${protocol}/userinfo`,
    jwks_uri: `${protocol}/certs`,
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    subject_types_supported: ['pairwise'],
    // Discovery 1.0 section 3 demands RS256 in it, and libraries refuse a document without. Tokens are ES256 only.
    id_token_signing_alg_values_supported: ['ES256', 'RS256'],
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['RS256', 'ES256'],
    scopes_supported: CITIZEN_SCOPES,
    claims_supported: ['sub', 'iss', 'auth_time', 'name', 'address', 'birthdate', 'gender'],
    code_challenge_methods_supported: ['S256'],
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
  };
  const spoiled: Readonly<Record<string, object>> = {
    'wrong-issuer': { issuer: 'https://issuer.invalid/api/realms/main' },
    'missing-jwks-uri': { jwks_uri: undefined },
    'foreign-token-endpoint': { token_endpoint: 'https://token.invalid/token' },
  };
  return (_request, fault) => json(200, { ...metadata, ...spoiled[fault?.name ?? ''] });
}

/** JWK Set公開エンドポイント. */
export function jwks(world: World): Answer {
  return async (_request, fault): Promise<Reply> => {
    if (fault?.name === 'rotate') await world.keys.rotate();
    const keys = world.keys.published.map(({ jwk }) => jwk);
    switch (fault?.name) {
      case 'empty-set':
        return json(200, { keys: [] });
      case 'key-alg-rs256':
        return json(200, { keys: keys.map((jwk) => ({ ...jwk, alg: 'RS256' })) });
      case 'without-kid':
        return json(200, { keys: keys.map(({ kid: _kid, ...jwk }) => jwk) });
      default:
        return json(200, { keys });
    }
  };
}
