import { randomBytes, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose/jwt/sign';
import { LIFETIME } from '../../adapters/auth-and-sign/wire.ts';
import { defined } from '../../core/defined.ts';
import type { Grant, World } from './world.ts';

/** RS256 JWT as the real service's looks; only the service itself reads it, and it is known by its text. */
export async function issueAccessToken(world: World, grant: Grant): Promise<string> {
  const iat = Math.floor(world.now() / 1000);
  const token = await new SignJWT(
    defined({
      auth_time: grant.kind === 'citizen' ? grant.session.authTime : undefined,
      session_state: grant.kind === 'citizen' ? grant.session.sid : undefined,
      typ: 'Bearer',
      azp: grant.clientId,
      scope: grant.scope.join(' '),
    }),
  )
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: world.keys.accessToken.kid })
    .setIssuer(world.issuer)
    .setAudience('account')
    .setSubject(grant.kind === 'citizen' ? grant.session.sub : grant.clientId)
    .setJti(randomUUID())
    .setIssuedAt(iat)
    .setExpirationTime(iat + LIFETIME.accessToken)
    .sign(world.keys.accessToken.privateKey);
  world.access.set(token, grant, LIFETIME.accessToken);
  return token;
}

/** Remembered an hour past its end, so that an expired one is told from an unknown one. */
export function issueRefreshToken(world: World, grant: Extract<Grant, { kind: 'citizen' }>): string {
  const token = randomBytes(48).toString('base64url');
  const expiresAt = world.now() + LIFETIME.refreshToken * 1000;
  world.refresh.set(token, { grant, expiresAt }, LIFETIME.refreshToken + 3600);
  return token;
}

/** The grant behind `Authorization: Bearer …`; a token of a session that was logged out has none. */
export function grantOf(world: World, authorization: string | undefined): Grant | undefined {
  const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  const grant = token === undefined ? undefined : world.access.get(token);
  if (grant?.kind !== 'citizen') return grant;
  return world.sessions.get(grant.session.sid) === undefined ? undefined : grant;
}
