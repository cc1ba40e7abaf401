import { createHash } from 'node:crypto';
import type { EpochMillis } from '../brand.ts';
import { equalOctets } from '../digest/sha256.ts';
import { JitsuinError } from '../errors.ts';
import type { JsonObject } from '../json/strict-json.ts';
import {
  checkAudience,
  checkIssuer,
  checkTimeClaims,
  checkTimes,
  type TimeRule,
  textClaim,
} from './claims.ts';
import type { KeySet, TokenAlgorithm } from './key-set.ts';
import { checkFreshLogin, checkLoginProof, type LoginProof } from './login-proof.ts';
import { readToken, type UnverifiedToken, verifyTokenSignature } from './token.ts';

/**
 * Which grant brought the ID token. A nonce is always expected after a code; a refreshed token carries none, or the
 * original one, and must name the same subject (OpenID Connect Core 12.2).
 */
export type IdTokenGrant =
  | { readonly grant: 'code'; readonly expectedNonce: string }
  | { readonly grant: 'refresh'; readonly expectedSubject: string; readonly originalNonce?: string };

export interface IdTokenInput extends TimeRule {
  /** Compact JWS. */
  readonly token: string;
  /** The access token of the same answer; it may be used only after this check. */
  readonly accessToken: string;
  readonly keySet: KeySet;
  /** `issuer` of the checked provider metadata. */
  readonly issuer: string;
  readonly clientId: string;
  readonly expected: IdTokenGrant;
  /** Default ES256. */
  readonly algorithm?: TokenAlgorithm;
  /** The service always sends at_hash; `if-present` is for a broker that does not. Default `required`. */
  readonly atHash?: 'required' | 'if-present';
  /** What the token must say of the login; judged for a code only. */
  readonly loginProof?: LoginProof;
  /** When the citizen was sent, where an authentication must be later; judged for a code only. */
  readonly authenticatedSince?: EpochMillis;
}

/** What a verified ID token says. Protected data (sub). */
interface IdTokenClaims {
  readonly subject: string;
  readonly sid?: string;
  readonly nonce?: string;
  readonly issuedAt: EpochMillis;
  readonly expiresAt: EpochMillis;
}

const AT = 'id_token';

/**
 * Judges an ID token (guideline, IDトークンの検証; OpenID Connect Core 3.1.3.7 and 3.1.3.8). Time is judged last: a token
 * refused with `oidc.time` was right in everything else, so the caller may refresh it, unless
 * `verifyIdTokenExceptTime` refuses it too (`exp` or `iat` is missing or no NumericDate); after any other code it
 * must abort.
 * @throws JitsuinError `oidc.token-type`, `oidc.token-signature`, `oidc.token-key`, `oidc.issuer`, `oidc.audience`,
 *   `oidc.nonce`, `oidc.at-hash`, `oidc.proof`, `oidc.subject`, `oidc.time`
 */
export async function verifyIdToken(input: IdTokenInput): Promise<IdTokenClaims> {
  const { subject, claims } = await verifyIdTokenExceptTime(input);
  const times = checkTimes(claims, input, AT);
  const sid = typeof claims['sid'] === 'string' ? { sid: claims['sid'] } : {};
  const nonce = typeof claims['nonce'] === 'string' ? { nonce: claims['nonce'] } : {};
  return {
    subject,
    ...sid,
    ...nonce,
    issuedAt: times.issuedAt as EpochMillis,
    expiresAt: times.expiresAt as EpochMillis,
  };
}

/**
 * Every check but time. A caller that refreshes after `oidc.time` learns here which subject the new token must
 * name.
 */
export async function verifyIdTokenExceptTime(
  input: IdTokenInput,
): Promise<{ readonly subject: string; readonly claims: JsonObject }> {
  const token = readToken(input.token, AT);
  checkIdTokenType(token);
  await verifyTokenSignature(token, input.keySet, input.algorithm ?? 'ES256', AT);
  const { claims } = token;
  checkIssuer(claims, [input.issuer], AT);
  checkAudience(claims, input.clientId, AT);
  checkTimeClaims(claims, AT);
  checkNonce(claims, input.expected);
  checkAtHash(claims, input.accessToken, input.atHash ?? 'required');
  if (input.expected.grant === 'code') checkLogin(claims, input);
  return { subject: checkSubject(claims, input.expected), claims };
}

function checkLogin(claims: JsonObject, { loginProof, authenticatedSince }: IdTokenInput): void {
  if (loginProof !== undefined) checkLoginProof(claims, loginProof);
  if (authenticatedSince !== undefined) checkFreshLogin(claims, authenticatedSince);
}

/**
 * Logout, access and refresh tokens come from the same keys: header `typ`, payload `typ` and `events` tell them
 * apart.
 */
function checkIdTokenType({ header, claims }: UnverifiedToken): void {
  const headerType = header['typ'];
  const plain =
    headerType === undefined || (typeof headerType === 'string' && headerType.toUpperCase() === 'JWT');
  const payloadType = claims['typ'];
  if (!plain || (payloadType !== undefined && payloadType !== 'ID') || Object.hasOwn(claims, 'events')) {
    throw new JitsuinError('oidc.token-type', 'The token is not an ID token.', { at: AT });
  }
}

function checkNonce(claims: JsonObject, expected: IdTokenGrant): void {
  const nonce = claims['nonce'];
  if (expected.grant === 'refresh' && nonce === undefined) return;
  const wanted = expected.grant === 'code' ? expected.expectedNonce : expected.originalNonce;
  if (typeof wanted !== 'string' || wanted === '' || nonce !== wanted) {
    throw new JitsuinError('oidc.nonce', 'nonce is not the one of the authorization request.', { at: AT });
  }
}

function checkAtHash(claims: JsonObject, accessToken: string, rule: 'required' | 'if-present'): void {
  const claimed = claims['at_hash'];
  if (claimed === undefined && rule === 'if-present') return;
  const expected = Buffer.from(accessTokenHash(accessToken));
  const actual = Buffer.from(typeof claimed === 'string' ? claimed : '');
  if (!equalOctets(actual, expected)) {
    throw new JitsuinError('oidc.at-hash', 'at_hash does not belong to the access token.', { at: AT });
  }
}

/**
 * at_hash of an access token: base64url of the left 16 octets of SHA-256 (ES256 and RS256; OpenID Connect Core
 * 3.1.3.6).
 */
export function accessTokenHash(accessToken: string): string {
  return createHash('sha256').update(accessToken, 'ascii').digest().subarray(0, 16).toString('base64url');
}

function checkSubject(claims: JsonObject, expected: IdTokenGrant): string {
  const subject = textClaim(claims, 'sub', 'oidc.subject', AT);
  const other = expected.grant === 'refresh' && subject !== expected.expectedSubject;
  if (subject === undefined || other) {
    throw new JitsuinError('oidc.subject', 'sub is missing or names somebody else.', { at: AT });
  }
  return subject;
}
