import { randomBytes, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose/jwt/sign';
import { LIFETIME } from '../../adapters/auth-and-sign/wire.ts';
import { defined } from '../../core/defined.ts';
import type { Bilingual, Explanation } from '../explanation.ts';
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

/** Why there is no grant, or not the one that the endpoint wants. */
export function bearerRule(
  world: World,
  authorization: string | undefined,
  wanted: Grant['kind'],
): Explanation {
  const citizen = wanted === 'citizen';
  return {
    parameter: 'Authorization',
    came: bearerFault(grantOf(world, authorization), authorization),
    rule: citizen
      ? {
          en: 'Bearer with the access token of the authorization code grant, with the scope of this endpoint',
          ja: '認可コードで得た、この API の scope を持つアクセストークンを Bearer で送ります',
        }
      : {
          en: 'Bearer with the access token of the client credentials grant, scope "sign"',
          ja: 'client_credentials で得た scope「sign」のアクセストークンを Bearer で送ります',
        },
    source: 'guideline, error tables (invalid_token, invalid_grant); RFC 6750 section 2.1',
  };
}

function bearerFault(grant: Grant | undefined, authorization: string | undefined): Bilingual {
  if (authorization === undefined) return { en: 'it is missing', ja: 'ありません' };
  if (!/^Bearer +\S+$/i.test(authorization))
    return { en: 'it is not "Bearer …"', ja: '「Bearer …」の形ではありません' };
  if (grant === undefined) {
    return {
      en: 'the token is unknown, expired or of a session that was logged out',
      ja: 'トークンが不明・期限切れ・ログアウト済みのどれかです',
    };
  }
  const scope = grant.scope.join(' ');
  return grant.kind === 'client'
    ? {
        en: `it is a client credentials token of scope "${scope}"`,
        ja: `client_credentials のトークンで、scope は「${scope}」です`,
      }
    : {
        en: `it is a citizen's token of scope "${scope}"`,
        ja: `利用者のトークンで、scope は「${scope}」です`,
      };
}
