import type { AuthAndSign } from './auth-and-sign.ts';
import type { LogoutTokens } from './logout-tokens.ts';

/**
 * The OpenID Provider of the login (認証): the service itself, or a broker in front of it. Signing always goes to the
 * service, whoever logs the citizen in. Failures as those of `AuthAndSign`.
 */
export interface LoginProvider
  extends Pick<AuthAndSign, 'authorizationUrl' | 'exchangeCode' | 'refresh' | 'userInfo'> {
  /** Judge of the logout tokens that this provider sends. */
  readonly logoutTokens: LogoutTokens;
}
