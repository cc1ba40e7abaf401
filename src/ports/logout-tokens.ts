import type { LogoutTokenClaims } from '../core/oidc/logout-token.ts';

/**
 * Judge of back-channel logout tokens: the caller still has to prove that the `jti` is new (ReplayStore
 * `logout-jti`).
 */
export interface LogoutTokens {
  /**
   * Value of the form field `logout_token`. @throws JitsuinError `oidc.*` when it is refused, `upstream.*` when no
   * key set can be had
   */
  verify(token: unknown): Promise<LogoutTokenClaims>;
}
