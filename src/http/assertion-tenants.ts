import { createLocalJWKSet } from 'jose/jwks/local';
import { jwtVerify } from 'jose/jwt/verify';
import type { EpochMillis } from '../core/brand.ts';
import { compactParts, fromBase64Url, fromUtf8 } from '../core/encoding.ts';
import { isJsonObject, type JsonValue, parseStrictJson } from '../core/json/strict-json.ts';
import { MINUTE_MILLIS } from '../core/spans.ts';
import type { AssertionTenant } from '../ports/assertion-tenant.ts';
import type { Clock } from '../ports/clock.ts';
import type { ReplayStore } from '../ports/replay-store.ts';
import type { TenantJudge } from './tenants.ts';

const LONGEST_LIFE_SECONDS = 300;
const TOLERANCE_SECONDS = 30;
/** Nesting of header and claims. */
const DEEPEST = 4;

/**
 * Bearer assertions signed by the caller's own key (the claims of RFC 7523 section 3): iss = sub = client id, aud = our
 * public URL and nobody else, jti once, iat not ahead, exp at most 300 s ahead, no member twice, ES256 or RS256.
 */
export function assertionTenants(
  tenants: readonly AssertionTenant[],
  options: { readonly audience: string; readonly clock: Clock; readonly replay: ReplayStore },
): TenantJudge {
  const byClient = new Map(
    tenants.map((entry) => [entry.clientId, { tenant: entry.tenant, keys: createLocalJWKSet(entry.jwks) }]),
  );
  return async (bearer) => {
    const entry = byClient.get(claimedIssuer(bearer) ?? '');
    if (entry === undefined) return undefined;
    const now = options.clock.now();
    const claims = await judgedClaims(bearer, entry.keys, options.audience, now);
    if (claims === undefined || claims.exp * 1000 > now + LONGEST_LIFE_SECONDS * 1000) return undefined;
    if (claims.iss !== claims.sub) return undefined;
    const until = (claims.exp * 1000 + MINUTE_MILLIS) as EpochMillis;
    const issuedAt = (claims.iat ?? claims.exp - LONGEST_LIFE_SECONDS) * 1000;
    const value = `${claims.iss} ${claims.jti}`;
    const first = await options.replay.remember('assertion-jti', value, until, issuedAt as EpochMillis);
    return first ? { tenant: entry.tenant } : undefined;
  };
}

/** The same over tenants that change while the process runs: made anew when there is another list of them. */
export function followingTenants(
  current: () => readonly AssertionTenant[],
  options: Parameters<typeof assertionTenants>[1],
): TenantJudge {
  let known = current();
  let judge = assertionTenants(known, options);
  return (bearer) => {
    const now = current();
    if (now !== known) {
      judge = assertionTenants(now, options);
      known = now;
    }
    return judge(bearer);
  };
}

interface AssertionClaims {
  readonly iss: string;
  readonly sub: string;
  readonly jti: string;
  readonly exp: number;
  readonly iat: number | undefined;
}

async function judgedClaims(
  bearer: string,
  keys: ReturnType<typeof createLocalJWKSet>,
  audience: string,
  now: number,
): Promise<AssertionClaims | undefined> {
  try {
    compactParts(bearer, 3);
    const { payload } = await jwtVerify(bearer, keys, {
      algorithms: ['ES256', 'RS256'],
      audience,
      currentDate: new Date(now),
      clockTolerance: TOLERANCE_SECONDS,
      requiredClaims: ['iss', 'sub', 'aud', 'exp', 'jti'],
    });
    const { iss, sub, jti, exp, iat } = payload;
    if (
      typeof iss !== 'string' ||
      typeof sub !== 'string' ||
      typeof jti !== 'string' ||
      typeof exp !== 'number' ||
      !hasOneAudience(payload.aud) ||
      (iat !== undefined && iat * 1000 > now + TOLERANCE_SECONDS * 1000)
    ) {
      return undefined;
    }
    return { iss, sub, jti, exp, iat };
  } catch {
    return undefined;
  }
}

/** An assertion for us and somebody else could be used by either at the other. */
function hasOneAudience(audience: unknown): boolean {
  return typeof audience === 'string' || (Array.isArray(audience) && audience.length === 1);
}

/**
 * The issuer of an assertion whose parts are JSON that has one reading: a member twice is refused, whatever the
 * reader after us would take. Only chooses whose keys to try; nothing is believed before the signature is checked.
 */
function claimedIssuer(bearer: string): string | undefined {
  const [header, claims] = bearer.split('.', 2).map(strictPart);
  if (!isJsonObject(header) || !isJsonObject(claims)) return undefined;
  return typeof claims['iss'] === 'string' ? claims['iss'] : undefined;
}

function strictPart(part: string): JsonValue | undefined {
  try {
    return parseStrictJson(fromUtf8(fromBase64Url(part)), DEEPEST);
  } catch {
    return undefined;
  }
}
