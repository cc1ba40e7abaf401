import { LIFETIME, SCOPE_SIGN } from '../../adapters/auth-and-sign/wire.ts';
import { described, type Explanation, TOKEN_TABLE } from '../explanation.ts';
import type { SimulatorClient } from '../options.ts';
import type { Fault } from './faults.ts';
import { type Parameters, parameter, words } from './parameters.ts';
import { failure, json, type Reply } from './reply.ts';
import { issueAccessToken } from './tokens.ts';
import type { World } from './world.ts';

/**
 * Client credentials: an access token for starting sign transactions, no ID token, good for all citizens until it
 * expires.
 */
export async function clientCredentialsGrant(
  world: World,
  client: SimulatorClient,
  form: Parameters,
  fault: Fault | undefined,
): Promise<Reply> {
  if (form['scope'] === undefined) return failure('token-9', 'scope', scopeRule(undefined));
  const scope = parameter(form, 'scope') ?? '';
  const values = words(scope);
  if (values.length === 0 || values.some((value) => value !== SCOPE_SIGN))
    return failure('token-11', scope, scopeRule(form['scope']));
  const accessToken = await issueAccessToken(world, {
    kind: 'client',
    clientId: client.clientId,
    scope: values,
  });
  return json(200, {
    access_token: fault?.name === 'missing-access-token' ? undefined : accessToken,
    expires_in: LIFETIME.accessToken,
    refresh_expires_in: 0,
    token_type: fault?.name === 'wrong-token-type' ? 'DPoP' : 'Bearer',
    'not-before-policy': 0,
    scope: values.join(' '),
  });
}

function scopeRule(value: unknown): Explanation {
  return {
    parameter: 'scope',
    came:
      typeof value === 'string' && value !== ''
        ? { en: `it is "${value}"`, ja: `「${value}」です` }
        : described(value),
    rule: { en: `it must be "${SCOPE_SIGN}"`, ja: `「${SCOPE_SIGN}」だけです` },
    source: TOKEN_TABLE,
    assumption: true,
  };
}
