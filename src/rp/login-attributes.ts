import { defined } from '../core/defined.ts';
import { asJitsuinError } from '../core/errors.ts';
import { consequenceOf } from '../core/sign-transaction/failure.ts';
import type { TokenSet, UserInfo } from '../ports/auth-and-sign.ts';
import type { LoginPorts } from '../ports/login.ts';
import type { CitizenAttributes } from '../ports/session-store.ts';

interface TokensWithAttributes {
  readonly tokens: TokenSet;
  readonly attributes?: CitizenAttributes;
}

/**
 * [09]–[12] of the sequence 認証: the attributes of the `sub` of the ID token. When the access token is refused, one
 * refresh and one more try (guideline, UserInfo 取得); what the service cannot do now is asked for once more.
 * @throws JitsuinError `upstream.*`, `oidc.subject` (UserInfo of somebody else, discarded unread)
 */
export async function attributesOf(
  ports: Pick<LoginPorts, 'loginProvider' | 'loginSettings'>,
  tokens: TokenSet,
): Promise<TokensWithAttributes> {
  const { attributes } = ports.loginSettings;
  if (attributes === 'none') return { tokens };
  if (attributes === 'id-token') {
    return defined({
      tokens,
      attributes: tokens.claims === undefined ? undefined : only(tokens.claims),
    });
  }
  try {
    return await ask(ports, tokens);
  } catch (thrown) {
    const { kind } = consequenceOf(asJitsuinError(thrown));
    if (kind === 'end') throw thrown;
    return ask(ports, kind === 'refresh' ? await ports.loginProvider.refresh(tokens) : tokens);
  }
}

async function ask(
  ports: Pick<LoginPorts, 'loginProvider'>,
  tokens: TokenSet,
): Promise<TokensWithAttributes> {
  const answer = await ports.loginProvider.userInfo(tokens.accessToken, tokens.subject);
  return { tokens, attributes: only(answer) };
}

function only({ name, address, birthdate, gender }: Omit<UserInfo, 'subject'>): CitizenAttributes {
  return defined({
    name,
    address,
    birthdate,
    gender,
  });
}
