import { described, type Explanation, TOKEN_TABLE } from '../explanation.ts';
import type { SimulatorClient } from '../options.ts';
import { stopped, unknownClient } from './authorization-request.ts';
import { ASSERTION_TYPE, assertionFault } from './client-assertion.ts';
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
        return failure('token-12', undefined, grantRule(form));
    }
  };
}

function grantTypeOf(form: Parameters): { readonly grant: GrantType } | Reply {
  if (form['grant_type'] === undefined) return failure('token-9', 'grant_type', grantRule(form));
  const grant = GRANT_TYPES.find((name) => name === parameter(form, 'grant_type'));
  return grant === undefined ? failure('token-14', undefined, grantRule(form)) : { grant };
}

function grantRule(form: Parameters): Explanation {
  const value = parameter(form, 'grant_type');
  return {
    parameter: 'grant_type',
    came: value ? { en: `it is "${value}"`, ja: `「${value}」です` } : described(form['grant_type']),
    rule: {
      en: 'authorization_code, refresh_token or client_credentials, in a form-encoded body',
      ja: 'authorization_code, refresh_token, client_credentials のどれか。本文はフォーム形式です',
    },
    source: TOKEN_TABLE,
  };
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
  if (client === undefined) return failure('token-2', undefined, clientIdRule(world, form));
  if (client.disabled) return failure('token-13', undefined, stopped(client));
  const type = parameter(form, 'client_assertion_type');
  const assertion = parameter(form, 'client_assertion');
  const backChannel = grant === 'client_credentials';
  if (!type) return failure(backChannel ? 'token-3' : 'token-15', undefined, typeRule(form));
  if (!assertion) {
    const because = assertionMissing(form['client_assertion']);
    return failure(backChannel ? 'token-1' : 'token-15', undefined, because);
  }
  const because = type === ASSERTION_TYPE ? await assertionFault(world, client, assertion) : typeRule(form);
  return because === undefined ? client : failure(backChannel ? 'token-2' : 'token-15', undefined, because);
}

/** Half of the libraries leave it out, as RFC 7521 allows. */
function clientIdRule(world: World, form: Parameters): Explanation {
  if (form['client_id'] !== undefined && form['client_id'] !== '')
    return unknownClient(world, form['client_id']);
  return {
    parameter: 'client_id',
    came: described(form['client_id']),
    rule: {
      en: 'RFC 7521 section 4.2 lets a client leave it out beside an assertion; this service does not',
      ja: 'RFC 7521 4.2節ではアサーションがあれば省略できますが、このサービスでは必須です',
    },
    source: `${TOKEN_TABLE} (Invalid client credentials)`,
  };
}

function typeRule(form: Parameters): Explanation {
  const value = parameter(form, 'client_assertion_type');
  return {
    parameter: 'client_assertion_type',
    came: value
      ? { en: `it is "${value.slice(0, 100)}"`, ja: `「${value.slice(0, 100)}」です` }
      : described(form['client_assertion_type']),
    rule: { en: `it must be "${ASSERTION_TYPE}"`, ja: `「${ASSERTION_TYPE}」だけです` },
    source: `${TOKEN_TABLE}; RFC 7523 section 2.2`,
  };
}

function assertionMissing(value: unknown): Explanation {
  return {
    parameter: 'client_assertion',
    came: described(value),
    rule: {
      en: 'clients authenticate with private_key_jwt alone; there is no client secret',
      ja: 'クライアント認証は private_key_jwt だけです。client_secret はありません',
    },
    source: `${TOKEN_TABLE}; OpenID Connect Core section 9`,
  };
}
