import { createHash, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose/jwt/sign';
import { LIFETIME } from '../../adapters/auth-and-sign/wire.ts';
import { defined } from '../../core/defined.ts';
import type { ServiceKey } from './service-keys.ts';
import type { CitizenSession, World } from './world.ts';

type Claims = Readonly<Record<string, unknown>>;

interface IdTokenRequest {
  readonly session: CitizenSession;
  readonly accessToken: string;
  /** Absent on refresh. */
  readonly nonce: string | undefined;
  readonly fault: string | undefined;
}

/** ES256 ID token with the claims of the guideline's example, or with the fault that was asked for. */
export async function issueIdToken(world: World, request: IdTokenRequest): Promise<string> {
  const claims = { ...idClaims(world, request), ...spoiledClaims(world, request) };
  const defined = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
  if (request.fault === 'rotate') await world.keys.rotate();
  return signToken(world, defined, request.fault);
}

function idClaims(world: World, { session, accessToken, nonce }: IdTokenRequest): Claims {
  const iat = Math.floor(world.now() / 1000);
  return {
    exp: iat + LIFETIME.accessToken,
    iat,
    auth_time: session.authTime,
    jti: randomUUID(),
    iss: world.issuer,
    aud: session.clientId,
    sub: session.sub,
    typ: 'ID',
    azp: session.clientId,
    nonce,
    session_state: session.sid,
    at_hash: atHash(accessToken),
    sid: session.sid,
  };
}

/** Left half of SHA-256 (OpenID Connect Core section 3.1.3.6). */
function atHash(accessToken: string): string {
  return createHash('sha256').update(accessToken, 'ascii').digest().subarray(0, 16).toString('base64url');
}

const LOGOUT_EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} };

function spoiledClaims(world: World, { session, fault }: IdTokenRequest): Claims {
  const now = Math.floor(world.now() / 1000);
  const spoiled: Readonly<Record<string, Claims>> = {
    'wrong-at-hash': { at_hash: atHash('another access token') },
    'missing-at-hash': { at_hash: undefined },
    'wrong-nonce': { nonce: 'another-nonce' },
    'missing-nonce': { nonce: undefined },
    'wrong-iss': { iss: 'https://issuer.invalid/api/realms/main' },
    'wrong-aud': { aud: 'another-client' },
    'extra-aud': { aud: [session.clientId, 'another-client'] },
    'wrong-azp': { azp: 'another-client' },
    'old-iat': { iat: now - 7200 },
    'future-iat': { iat: now + 7200 },
    expired: { exp: now - 300, iat: now - 600 },
    'missing-exp': { exp: undefined },
    'wrong-sub': { sub: '00000000-0000-0000-0000-000000000000' },
    'logout-token-as-id-token': { events: LOGOUT_EVENTS, nonce: undefined },
  };
  return spoiled[fault ?? ''] ?? {};
}

/** Signs with the current ES256 key, or wrongly on purpose. */
export async function signToken(world: World, claims: Claims, fault?: string, typ = 'JWT'): Promise<string> {
  const { current, accessToken, stranger } = world.keys;
  const kid = kidOf(current, fault);
  const header = defined({
    typ,
    kid,
  });
  const jwt = new SignJWT({ ...claims });
  switch (fault) {
    case 'alg-none':
      return `${part({ alg: 'none', typ })}.${part(claims)}.`;
    case 'alg-hs256':
      return jwt
        .setProtectedHeader({ alg: 'HS256', ...header })
        .sign(Buffer.from(JSON.stringify(current.jwk)));
    case 'alg-rs256':
      return jwt.setProtectedHeader({ alg: 'RS256', typ, kid: accessToken.kid }).sign(accessToken.privateKey);
    case 'wrong-signature':
      return jwt.setProtectedHeader({ alg: 'ES256', ...header }).sign(stranger.privateKey);
    case 'crit-header':
      return jwt
        .setProtectedHeader({
          alg: 'ES256',
          ...header,
          crit: ['urn:simulator:unknown'],
          'urn:simulator:unknown': true,
        })
        .sign(current.privateKey, { crit: { 'urn:simulator:unknown': true } });
    default:
      return jwt.setProtectedHeader({ alg: 'ES256', ...header }).sign(current.privateKey);
  }
}

function kidOf(current: ServiceKey, fault: string | undefined): string | undefined {
  if (fault === 'missing-kid') return undefined;
  return fault === 'wrong-kid' ? 'no-such-key' : current.kid;
}

function part(value: Claims): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
