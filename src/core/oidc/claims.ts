import type { EpochMillis } from '../brand.ts';
import { JitsuinError } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json/strict-json.ts';
import { MINUTE_MILLIS } from '../spans.ts';

/** Accepted difference between our clock and the issuer's, where the caller sets none. */
export const CLOCK_SKEW_MILLIS = MINUTE_MILLIS;

/** A NumericDate beyond this is no count of seconds (year 5138): somebody wrote milliseconds. */
const LATEST_NUMERIC_DATE = 1e11;

/** `iss` equals one of the issuers exactly: no slash, case or scheme is forgiven. @throws JitsuinError `oidc.issuer` */
export function checkIssuer(claims: JsonObject, issuers: readonly string[], at: string): void {
  const issuer = claims['iss'];
  if (issuer === '' || typeof issuer !== 'string' || !issuers.includes(issuer)) {
    throw new JitsuinError('oidc.issuer', 'iss is not the configured issuer.', { at });
  }
}

/**
 * `aud` names this client and, since we trust no other audience, only this client; `azp`, where present, too
 * (OpenID Connect Core 3.1.3.7, items 3 to 5). @throws JitsuinError `oidc.audience`
 */
export function checkAudience(claims: JsonObject, clientId: string, at: string): void {
  const audience = claims['aud'];
  const list: readonly JsonValue[] = Array.isArray(audience) ? audience : [audience ?? null];
  const only = clientId !== '' && list.length === 1 && list[0] === clientId;
  const authorizedParty = claims['azp'];
  if (!only || (authorizedParty !== undefined && authorizedParty !== clientId)) {
    throw new JitsuinError('oidc.audience', 'aud or azp is not this client.', { at });
  }
}

/** A string of 1 to 255 characters, or undefined when absent. @throws JitsuinError of `code` for anything else */
export function textClaim(
  claims: JsonObject,
  name: string,
  code: 'oidc.subject' | 'oidc.logout-token',
  at: string,
): string | undefined {
  const value = claims[name];
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.length > 0 && value.length <= 255) return value;
  throw new JitsuinError(code, `${name} is not a string of 1 to 255 characters.`, { at });
}

export interface TimeRule {
  readonly now: EpochMillis;
  /** `iat` may lie this far back (guideline, ペイロード部の検証: 所要時間), without skew. */
  readonly iatWindowMillis: number;
  /** Default 60,000. */
  readonly clockSkewMillis?: number;
}

/**
 * `exp` not reached, `iat` inside the window and not in the future, `nbf` (where present) reached.
 * @throws JitsuinError `oidc.time`
 */
export function checkTimes(
  claims: JsonObject,
  rule: TimeRule,
  at: string,
): { issuedAt: number; expiresAt: number } {
  const skew = rule.clockSkewMillis ?? CLOCK_SKEW_MILLIS;
  const expiresAt = numericDate(claims, 'exp', at);
  const issuedAt = numericDate(claims, 'iat', at);
  const notBefore = claims['nbf'] === undefined ? 0 : numericDate(claims, 'nbf', at);
  if (!(rule.now < expiresAt + skew)) throw timeFailure('exp has passed.', at);
  if (!(issuedAt <= rule.now + skew)) throw timeFailure('iat lies in the future.', at);
  if (!(issuedAt >= rule.now - rule.iatWindowMillis))
    throw timeFailure('iat is older than the window allows.', at);
  if (!(notBefore <= rule.now + skew)) throw timeFailure('nbf has not been reached.', at);
  return { issuedAt, expiresAt };
}

/**
 * `exp` and `iat` are there and NumericDates: without them no later token is the same one at a better time. @throws
 * JitsuinError `oidc.time`
 */
export function checkTimeClaims(claims: JsonObject, at: string): void {
  numericDate(claims, 'exp', at);
  numericDate(claims, 'iat', at);
}

function numericDate(claims: JsonObject, name: string, at: string): number {
  const seconds = claims[name];
  if (typeof seconds !== 'number' || seconds < 0 || seconds > LATEST_NUMERIC_DATE) {
    throw timeFailure(`${name} is not a NumericDate (RFC 7519 section 2).`, at);
  }
  return seconds * 1000;
}

function timeFailure(message: string, at: string): JitsuinError {
  return new JitsuinError('oidc.time', message, { at });
}
