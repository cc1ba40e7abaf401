import { defined } from '../../core/defined.ts';
import { asJitsuinError, JitsuinError } from '../../core/errors.ts';
import { authorizationRequestUrl, pkceChallenge } from '../../core/oidc/authorization-request.ts';
import type {
  AuthAndSign,
  AuthorizationRequest,
  ClearResult,
  EncryptedResult,
  StartSignatureRequest,
} from '../../ports/auth-and-sign.ts';
import type { HttpResponse } from '../../ports/http-client.ts';
import type { LogoutTokens } from '../../ports/logout-tokens.ts';
import { exchangeCode, refreshTokens } from './citizen-tokens.ts';
import { type ClientTokens, createClientTokens } from './client-token.ts';
import { createLogoutTokens } from './logout-tokens.ts';
import type { AuthAndSignOptions } from './options.ts';
import { createProvider, type Provider } from './provider.ts';
import { processStartResponse, resultRequest, startRequest } from './sign-transactions.ts';
import { processUserInfoResponse, userInfoRequest } from './user-info.ts';

/** The service as a relying party uses it, with the judge of the logout tokens that it sends back. */
export interface AuthAndSignClient<Result extends EncryptedResult | ClearResult> extends AuthAndSign<Result> {
  readonly logoutTokens: LogoutTokens;
}

/** What private and government clients share; they differ in how the result is judged. */
export function createClient<Result extends EncryptedResult | ClearResult>(
  options: AuthAndSignOptions,
  processResultResponse: (response: HttpResponse) => Result,
): AuthAndSignClient<Result> {
  const provider = createProvider(options);
  const clientTokens = createClientTokens(options, provider);
  return {
    authorizationUrl: (request) => authorizationUrl(options, provider, request),
    exchangeCode: (code, request, sender) => exchangeCode(options, provider, code, request, sender),
    refresh: (tokens) => refreshTokens(options, provider, tokens),
    startSignature: (request) => startSignature(options, clientTokens, request),
    fetchResult: async (id, accessToken) =>
      processResultResponse(await resultRequest(options, id, accessToken)),
    userInfo: async (accessToken, expectedSubject) => {
      const { userinfoEndpoint } = await provider.metadata();
      if (userinfoEndpoint === undefined) throw noUserInfo();
      const answer = await userInfoRequest(options, userinfoEndpoint, accessToken);
      return processUserInfoResponse(options, answer, expectedSubject);
    },
    logoutTokens: createLogoutTokens(options, provider),
  };
}

function noUserInfo(): JitsuinError {
  return new JitsuinError('oidc.metadata', 'This provider is configured without UserInfo.', {
    at: 'userinfo_endpoint',
  });
}

async function authorizationUrl(
  options: AuthAndSignOptions,
  provider: Provider,
  request: AuthorizationRequest,
): Promise<string> {
  const { authorizationEndpoint } = await provider.metadata();
  return authorizationRequestUrl(
    authorizationEndpoint,
    defined({
      clientId: options.clientId,
      redirectUri: request.redirectUri,
      scope: request.scope,
      state: request.state,
      nonce: request.nonce,
      codeChallenge: pkceChallenge(request.codeVerifier),
      signTransactionId: request.signTransactionId,
      acrValues: options.acrValues,
      freshLogin: options.freshLogin,
    }),
  );
}

/** A client token that is refused before its time is renewed once (`renew-client-token` of the error rows). */
async function startSignature(
  options: AuthAndSignOptions,
  clientTokens: ClientTokens,
  request: StartSignatureRequest,
) {
  const token = await clientTokens.get();
  try {
    return processStartResponse(await startRequest(options, request, token));
  } catch (thrown) {
    if (asJitsuinError(thrown).code !== 'upstream.refresh') throw thrown;
    const renewed = await clientTokens.get(token);
    try {
      return processStartResponse(await startRequest(options, request, renewed));
    } catch (again) {
      if (asJitsuinError(again).code === 'upstream.refresh') clientTokens.reject(renewed);
      throw again;
    }
  }
}
