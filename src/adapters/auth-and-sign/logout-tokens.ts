import { defined } from '../../core/defined.ts';
import { verifyLogoutToken } from '../../core/oidc/logout-token.ts';
import { readToken } from '../../core/oidc/token.ts';
import { MINUTE_MILLIS } from '../../core/spans.ts';
import type { LogoutTokens } from '../../ports/logout-tokens.ts';
import type { AuthAndSignOptions } from './options.ts';
import type { Provider } from './provider.ts';

/** How old a logout token may be: after this a replay is refused by its `iat` even where the `jti` was forgotten. */
const IAT_WINDOW_MILLIS = 10 * MINUTE_MILLIS;

/** Judges logout tokens with the keys of the provider; random tokens cause no storm of key requests. */
export function createLogoutTokens(options: AuthAndSignOptions, provider: Provider): LogoutTokens {
  return {
    verify: async (text) => {
      const { kid } = readToken(text, 'logout_token').header;
      return verifyLogoutToken(
        defined({
          token: text,
          keySet: await provider.keySets.forToken('logout-token', kid),
          issuers: options.logoutIssuers ?? [options.issuer],
          clientId: options.clientId,
          now: options.clock.now(),
          iatWindowMillis: IAT_WINDOW_MILLIS,
          clockSkewMillis: options.clockSkewMillis,
          algorithm: options.tokenAlgorithm,
        }),
      );
    },
  };
}
