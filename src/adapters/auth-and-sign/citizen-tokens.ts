import { setTimeout as pause } from 'node:timers/promises';
import { defined } from '../../core/defined.ts';
import { asJitsuinError, JitsuinError } from '../../core/errors.ts';
import {
  type IdTokenGrant,
  type IdTokenInput,
  verifyIdToken,
  verifyIdTokenExceptTime,
} from '../../core/oidc/id-token.ts';
import { readToken } from '../../core/oidc/token.ts';
import { isUnused } from '../../core/sign-transaction/unused.ts';
import type { AuthorizationRequest, TokenSet } from '../../ports/auth-and-sign.ts';
import type { HttpResponse } from '../../ports/http-client.ts';
import type { AuthAndSignOptions } from './options.ts';
import type { Provider } from './provider.ts';
import { badAnswer } from './response.ts';
import { processTokenResponse, type TokenResponse, tokenRequest } from './token-endpoint.ts';
import { readAttributes } from './user-info.ts';

/**
 * Code grant with PKCE [13] to [15]. A code works once and the request is sent once: when no answer came after it was
 * sent, or one that cannot be read, the flow must begin anew. An ID token refused for its time only is replaced by a
 * refresh (guideline, 検証失敗時).
 * @throws JitsuinError `upstream.*` (`upstream.restart` when the code is lost), `oidc.*`
 */
export async function exchangeCode(
  options: AuthAndSignOptions,
  provider: Provider,
  code: string,
  request: AuthorizationRequest,
  sender: 'named' | 'unnamed' = 'unnamed',
): Promise<TokenSet> {
  const { tokenEndpoint, issuerInAnswers } = await provider.metadata();
  if (issuerInAnswers && sender === 'unnamed') {
    throw new JitsuinError('oidc.issuer', 'The answer does not name its issuer, which always does.', {
      at: 'iss',
    });
  }
  const grant = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: request.redirectUri,
    code_verifier: request.codeVerifier,
  };
  const asked = options.clock.now();
  const answer = await once(async () =>
    processTokenResponse(await tokenRequest(options, tokenEndpoint, grant, 'fresh'), asked),
  );
  return afterCode(() => judgeCodeAnswer(options, provider, answer, request));
}

async function judgeCodeAnswer(
  options: AuthAndSignOptions,
  provider: Provider,
  answer: TokenResponse,
  request: AuthorizationRequest,
): Promise<TokenSet> {
  const expected = { grant: 'code', expectedNonce: request.nonce } as const;
  const { loginProof, freshLogin } = options;
  const input = defined({
    ...(await idTokenInput(options, provider, answer, expected)),
    loginProof,
    authenticatedSince: freshLogin === 'always' ? request.begunAt : undefined,
  });
  try {
    const { subject, sid } = await verifyIdToken(input);
    return withClaims(options, tokenSet(answer, input.token, subject, sid));
  } catch (thrown) {
    if (asJitsuinError(thrown).code !== 'oidc.time' || answer.refreshToken === undefined) throw thrown;
    const { subject } = await verifyIdTokenExceptTime(input);
    return refreshedAtOnce(options, provider, tokenSet(answer, input.token, subject, undefined));
  }
}

const REFRESHES = 3;
const REFRESH_PAUSE = 500;

/**
 * The code is used up: a refresh that was not sent, or that met a 503, is repeated; one without an ID token judges
 * nothing.
 */
async function refreshedAtOnce(
  options: AuthAndSignOptions,
  provider: Provider,
  tokens: TokenSet,
): Promise<TokenSet> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const renewed = await refreshTokens(options, provider, tokens);
      if (renewed.idToken === tokens.idToken) throw badAnswer('token');
      return renewed;
    } catch (thrown) {
      if (attempt === REFRESHES || !isUnused(asJitsuinError(thrown))) throw thrown;
      await pause(REFRESH_PAUSE * attempt);
    }
  }
}

/** OpenID Connect Core 12.2: a refresh answer may come without an ID token; the one that was judged stays. */
function withoutIdToken(tokens: TokenSet, answer: TokenResponse): TokenSet {
  const { accessToken, expiresAt, refreshToken = tokens.refreshToken } = answer;
  return { ...tokens, ...defined({ accessToken, expiresAt, refreshToken }) };
}

/**
 * Refresh grant. The new ID token must name the same subject; where the answer brings no new refresh token, the old one
 * stays (RFC 6749 section 6).
 * @throws JitsuinError `upstream.*`, `oidc.*`
 */
export async function refreshTokens(
  options: AuthAndSignOptions,
  provider: Provider,
  tokens: TokenSet,
): Promise<TokenSet> {
  if (tokens.refreshToken === undefined) {
    throw new JitsuinError('login.tokens-gone', 'The service gave no refresh token: log in anew.', {
      at: 'token',
    });
  }
  const { tokenEndpoint } = await provider.metadata();
  const asked = options.clock.now();
  const answer = processTokenResponse(
    await refreshRequest(options, tokenEndpoint, tokens.refreshToken),
    asked,
  );
  if (answer.idToken === undefined) return withoutIdToken(tokens, answer);
  const originalNonce = nonceOf(tokens.idToken);
  const input = await idTokenInput(
    options,
    provider,
    answer,
    defined({
      grant: 'refresh',
      expectedSubject: tokens.subject,
      originalNonce,
    }),
  );
  const { subject, sid } = await verifyIdToken(input);
  const renewed = { refreshToken: tokens.refreshToken, ...answer };
  return withClaims(options, tokenSet(renewed, input.token, subject, sid ?? tokens.sid));
}

function refreshRequest(
  options: AuthAndSignOptions,
  tokenEndpoint: string,
  refreshToken: string,
): Promise<HttpResponse> {
  const grant = { grant_type: 'refresh_token', refresh_token: refreshToken };
  return tokenRequest(options, tokenEndpoint, grant, 'fresh');
}

/** What was sent and not answered may have used the code up; before the connection stood nothing was sent. */
async function once<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (thrown) {
    const error = asJitsuinError(thrown);
    const unanswered =
      ['upstream.timeout', 'upstream.unreachable'].includes(error.code) && error.at === 'response';
    throw unanswered || error.code === 'upstream.response' ? codeLost(error) : error;
  }
}

/** The code was answered and is used up: what could be tried again elsewhere has to begin anew here. */
async function afterCode<T>(judge: () => Promise<T>): Promise<T> {
  try {
    return await judge();
  } catch (thrown) {
    const error = asJitsuinError(thrown);
    throw error.retryable ? codeLost(error) : error;
  }
}

function codeLost(cause: JitsuinError): JitsuinError {
  return new JitsuinError('upstream.restart', 'The code is used up without tokens; a code works once.', {
    at: 'token',
    cause,
  });
}

async function idTokenInput(
  options: AuthAndSignOptions,
  provider: Provider,
  answer: TokenResponse,
  expected: IdTokenGrant,
): Promise<IdTokenInput> {
  if (answer.idToken === undefined) throw badAnswer('token');
  const { kid } = readToken(answer.idToken, 'id_token').header;
  return defined({
    token: answer.idToken,
    accessToken: answer.accessToken,
    keySet: await provider.keySets.forToken('id-token', kid),
    issuer: options.issuer,
    clientId: options.clientId,
    expected,
    now: options.clock.now(),
    iatWindowMillis: options.iatWindowMillis,
    clockSkewMillis: options.clockSkewMillis,
    algorithm: options.tokenAlgorithm,
    atHash: options.atHash,
  });
}

/** The nonce of an ID token that was verified when it was stored. */
function nonceOf(idToken: string): string | undefined {
  const nonce = readToken(idToken, 'id_token').claims['nonce'];
  return typeof nonce === 'string' ? nonce : undefined;
}

/** Attributes of an ID token that was just verified, where they are to be read there. */
function withClaims(options: AuthAndSignOptions, tokens: TokenSet): TokenSet {
  if (options.userInfo !== 'id-token') return tokens;
  return { ...tokens, claims: readAttributes(options, readToken(tokens.idToken, 'id_token').claims) };
}

function tokenSet(
  answer: TokenResponse,
  idToken: string,
  subject: string,
  sid: string | undefined,
): TokenSet {
  return defined({
    accessToken: answer.accessToken,
    refreshToken: answer.refreshToken,
    idToken,
    subject,
    sid,
    expiresAt: answer.expiresAt,
  });
}
