import { createHash } from 'node:crypto';
import type { SignTransactionId } from '../brand.ts';
import { JitsuinError } from '../errors.ts';

/** Parameters of the authorization request (facts 1.2; API reference, 認可エンドポイント). */
export interface AuthorizationParameters {
  readonly clientId: string;
  readonly redirectUri: string;
  /** `openid` always; `sign` together with `signTransactionId`; `name` `address` `birthdate` `gender` on demand. */
  readonly scope: readonly string[];
  readonly state: string;
  readonly nonce: string;
  /** From `pkceChallenge`; the method is always S256. */
  readonly codeChallenge: string;
  readonly signTransactionId?: SignTransactionId;
  readonly acrValues?: string;
  /** OpenID Connect Core 3.1.2.1: `prompt=login` and `max_age=0`, so that `auth_time` must be in the answer. */
  readonly freshLogin?: 'always';
}

const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/;
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;
const PRINTABLE = /^[\x20-\x7E]{1,255}$/;
const SCOPE_TOKEN = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/**
 * S256 code challenge of a code verifier (RFC 7636 section 4.2): base64url of SHA-256, 43 characters.
 * @throws JitsuinError `oidc.request` for a verifier that is not 43 to 128 unreserved characters
 */
export function pkceChallenge(verifier: string): string {
  if (!VERIFIER.test(verifier)) throw unsendable('code_verifier');
  return createHash('sha256').update(verifier, 'ascii').digest('base64url');
}

/**
 * URL of the authorization request: `authorizationEndpoint` of the checked metadata with exactly the documented
 * parameters.
 * @throws JitsuinError `oidc.request` for a request that must not be sent; `at` names the parameter
 */
export function authorizationRequestUrl(
  authorizationEndpoint: string,
  request: AuthorizationParameters,
): string {
  checkRequest(request);
  const url = new URL(authorizationEndpoint);
  const parameters = {
    response_type: 'code',
    scope: request.scope.join(' '),
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    state: request.state,
    nonce: request.nonce,
    code_challenge: request.codeChallenge,
    code_challenge_method: 'S256',
    acr_values: request.acrValues,
    prompt: request.freshLogin === 'always' ? 'login' : undefined,
    max_age: request.freshLogin === 'always' ? '0' : undefined,
    sign_transaction_id: request.signTransactionId,
  };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}

function checkRequest(request: AuthorizationParameters): void {
  const signs = request.signTransactionId !== undefined;
  const required: readonly (readonly [string, boolean])[] = [
    ['client_id', PRINTABLE.test(request.clientId)],
    ['redirect_uri', URL.canParse(request.redirectUri) && request.redirectUri.length <= 255],
    ['state', PRINTABLE.test(request.state)],
    ['nonce', PRINTABLE.test(request.nonce)],
    ['code_challenge', CHALLENGE.test(request.codeChallenge)],
    ['scope', request.scope.includes('openid') && request.scope.every((scope) => SCOPE_TOKEN.test(scope))],
    ['sign_transaction_id', request.scope.includes('sign') === signs],
    ['acr_values', request.acrValues === undefined || PRINTABLE.test(request.acrValues)],
  ];
  for (const [name, holds] of required) {
    if (!holds) throw unsendable(name);
  }
}

function unsendable(at: string): JitsuinError {
  return new JitsuinError('oidc.request', 'The authorization request must not be sent like this.', { at });
}
