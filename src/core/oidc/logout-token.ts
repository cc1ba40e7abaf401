import type { EpochMillis } from '../brand.ts';
import { defined } from '../defined.ts';
import { JitsuinError } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../json/strict-json.ts';
import {
  CLOCK_SKEW_MILLIS,
  checkAudience,
  checkIssuer,
  checkTimes,
  type TimeRule,
  textClaim,
} from './claims.ts';
import type { KeySet, TokenAlgorithm } from './key-set.ts';
import { readToken, type UnverifiedToken, verifyTokenSignature } from './token.ts';

export const BACKCHANNEL_LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

interface LogoutTokenInput extends TimeRule {
  /** Compact JWS from the form field `logout_token`. */
  readonly token: unknown;
  readonly keySet: KeySet;
  /** Any of these: the guideline prints another than the ID token's. */
  readonly issuers: readonly string[];
  readonly clientId: string;
  readonly algorithm?: TokenAlgorithm;
}

/** What a verified logout token says; at least one of `subject` and `sid` is there. Protected data (sub). */
export interface LogoutTokenClaims {
  readonly jti: string;
  readonly subject?: string;
  readonly sid?: string;
  readonly issuedAt: EpochMillis;
  /** Until then a replay could be accepted: the `jti` must be remembered at least so long (skew included). */
  readonly replayableUntil: EpochMillis;
}

const AT = 'logout_token';

/**
 * Judges a logout token (guideline, logout トークンの検証; OpenID Connect Back-Channel Logout 1.0 section 2.6). Header `typ`
 * may be `JWT` (as the guideline shows) or `logout+jwt`. That the `jti` is new is the caller's to prove (ReplayStore).
 * @throws JitsuinError `oidc.token-type`, `oidc.token-signature`, `oidc.token-key`, `oidc.issuer`, `oidc.audience`,
 *   `oidc.logout-token`, `oidc.time`
 */
export async function verifyLogoutToken(input: LogoutTokenInput): Promise<LogoutTokenClaims> {
  const token = readToken(input.token, AT);
  checkLogoutTokenType(token);
  await verifyTokenSignature(token, input.keySet, input.algorithm ?? 'ES256', AT);
  const { claims } = token;
  checkIssuer(claims, input.issuers, AT);
  checkAudience(claims, input.clientId, AT);
  checkEvents(claims);
  const identity = checkIdentity(claims);
  const { issuedAt, expiresAt } = checkTimes(claims, input, AT);
  const skew = input.clockSkewMillis ?? CLOCK_SKEW_MILLIS;
  return {
    ...identity,
    issuedAt: issuedAt as EpochMillis,
    replayableUntil: Math.ceil(expiresAt + skew) as EpochMillis,
  };
}

function checkLogoutTokenType({ header, claims }: UnverifiedToken): void {
  const headerType = header['typ'];
  const known =
    headerType === undefined || (typeof headerType === 'string' && /^(?:jwt|logout\+jwt)$/i.test(headerType));
  const payloadType = claims['typ'];
  if (!known || (payloadType !== undefined && payloadType !== 'Logout') || !Object.hasOwn(claims, 'events')) {
    throw new JitsuinError('oidc.token-type', 'The token is not a logout token.', { at: AT });
  }
}

/** `events` is exactly one member, the logout event, with an empty object (guideline: 右記の値が固定値となる). */
function checkEvents(claims: JsonObject): void {
  const events = claims['events'];
  const names = isJsonObject(events) ? Object.keys(events) : [];
  const event = isJsonObject(events) && names.length === 1 ? events[BACKCHANNEL_LOGOUT_EVENT] : undefined;
  if (!isJsonObject(event) || Object.keys(event).length !== 0) {
    throw new JitsuinError('oidc.logout-token', 'events is not exactly the back-channel logout event.', {
      at: AT,
    });
  }
}

function checkIdentity(claims: JsonObject): { jti: string; subject?: string; sid?: string } {
  const jti = textClaim(claims, 'jti', 'oidc.logout-token', AT);
  const subject = textClaim(claims, 'sub', 'oidc.logout-token', AT);
  const sid = textClaim(claims, 'sid', 'oidc.logout-token', AT);
  if (Object.hasOwn(claims, 'nonce')) {
    throw new JitsuinError('oidc.logout-token', 'A logout token must not carry a nonce.', { at: AT });
  }
  if (jti === undefined || (subject === undefined && sid === undefined)) {
    throw new JitsuinError('oidc.logout-token', 'jti is missing, or both sub and sid are.', { at: AT });
  }
  return defined({
    jti,
    subject,
    sid,
  });
}
