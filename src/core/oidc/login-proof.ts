import type { EpochMillis } from '../brand.ts';
import { JitsuinError } from '../errors.ts';
import type { JsonObject } from '../json/strict-json.ts';
import { MINUTE_MILLIS } from '../spans.ts';

/**
 * A claim of the ID token and the value by which a broker says that the card led in: `acr`, `amr`, the identity
 * provider it asked.
 */
export interface LoginProof {
  readonly claim: string;
  readonly value: string;
}

const AT = 'id_token';
const SKEW = MINUTE_MILLIS;

/**
 * Whether the login stands on what was agreed. A text must be the value, a list must hold it.
 * @throws JitsuinError `oidc.proof`
 */
export function checkLoginProof(claims: JsonObject, { claim, value }: LoginProof): void {
  const said = claims[claim];
  if (said === value || (Array.isArray(said) && said.includes(value))) return;
  throw new JitsuinError('oidc.proof', 'The login does not stand on what was agreed with the provider.', {
    at: AT,
  });
}

/**
 * Whether the citizen was authenticated for this very request (OpenID Connect Core 3.1.2.1, max_age): a session
 * that somebody else left at the provider is none.
 * @throws JitsuinError `oidc.proof`
 */
export function checkFreshLogin(claims: JsonObject, begunAt: EpochMillis): void {
  const authTime = claims['auth_time'];
  if (typeof authTime === 'number' && authTime * 1000 >= begunAt - SKEW) return;
  throw new JitsuinError(
    'oidc.proof',
    'The provider did not authenticate the citizen anew, or does not say when.',
    {
      at: 'auth_time',
    },
  );
}
