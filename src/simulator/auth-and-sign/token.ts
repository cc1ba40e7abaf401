import type { SimulatorClient } from '../options.ts';
import { ASSERTION_TYPE, isValidAssertion } from './client-assertion.ts';
import { clientCredentialsGrant } from './client-credentials-grant.ts';
import { codeGrant } from './code-grant.ts';
import { formOf, type Parameters, parameter } from './parameters.ts';
import { refreshGrant } from './refresh-grant.ts';
import { type Answer, failure, type Reply } from './reply.ts';
import type { World } from './world.ts';

const GRANT_TYPES = ['authorization_code', 'refresh_token', 'client_credentials', 'password'] as const;
type GrantType = (typeof GRANT_TYPES)[number];

/** トークンエンドポイント: grant type, then the client, then the grant itself. */
export function token(world: World): Answer {
  return async (request, fault) => {
    const form = formOf(request);
    const type = grantTypeOf(form);
    if ('status' in type) return type;
    const client = await authenticate(world, form, type.grant);
    if ('status' in client) return client;
    switch (type.grant) {
      case 'authorization_code':
        return codeGrant(world, client, form, fault);
      case 'refresh_token':
        return refreshGrant(world, client, form, fault);
      case 'client_credentials':
        return clientCredentialsGrant(world, client, form, fault);
      case 'password':
        return failure('token-12');
    }
  };
}

function grantTypeOf(form: Parameters): { readonly grant: GrantType } | Reply {
  if (form['grant_type'] === undefined) return failure('token-9', 'grant_type');
  const grant = GRANT_TYPES.find((name) => name === parameter(form, 'grant_type'));
  return grant === undefined ? failure('token-14') : { grant };
}

/**
 * The client by private_key_jwt. A missing assertion is 400 for client_credentials and 401 for the other grants, as the
 * guideline says. ASSUMPTION: an assertion that does not verify is answered like a missing one of its grant.
 */
async function authenticate(
  world: World,
  form: Parameters,
  grant: GrantType,
): Promise<SimulatorClient | Reply> {
  const client = world.clients.get(parameter(form, 'client_id') ?? '');
  if (client === undefined) return failure('token-2');
  if (client.disabled) return failure('token-13');
  const type = parameter(form, 'client_assertion_type');
  const assertion = parameter(form, 'client_assertion');
  const backChannel = grant === 'client_credentials';
  if (!type) return failure(backChannel ? 'token-3' : 'token-15');
  if (!assertion) return failure(backChannel ? 'token-1' : 'token-15');
  const valid = type === ASSERTION_TYPE && (await isValidAssertion(world, client, assertion));
  if (!valid) return failure(backChannel ? 'token-2' : 'token-15');
  return client;
}
