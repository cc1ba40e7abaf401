import { randomUUID } from 'node:crypto';
import type { SimulatorClient } from '../options.ts';
import { CITIZEN_SCOPES } from './discovery.ts';
import { type Parameters, parameter, words } from './parameters.ts';
import type { Interaction, World } from './world.ts';

/** What becomes of an authorization request. */
type JudgedRequest =
  | { readonly kind: 'accepted'; readonly interaction: Interaction }
  /** Row of the guideline's table, sent to the RP. */
  | {
      readonly kind: 'redirected';
      readonly redirectUri: string;
      readonly state: string | undefined;
      readonly row: string;
      readonly parameter?: string;
    }
  /** Shown in the browser; the RP never hears of it. */
  | { readonly kind: 'shown'; readonly parameter: string };

const REQUIRED = ['scope', 'state', 'nonce', 'code_challenge', 'code_challenge_method'] as const;

/** Form of each parameter (authserver reference, authorization endpoint). */
const FORM: Readonly<Record<string, RegExp>> = {
  state: /^[\x20-\x7E]{1,255}$/,
  nonce: /^[\x20-\x7E]{1,255}$/,
  scope: /^[\x20-\x7E]+$/,
  code_challenge: /^[0-9A-Za-z_-]{1,128}$/,
  code_challenge_method: /^S256$/,
  acr_values: /^[\x20-\x7E]{1,255}$/,
  sign_transaction_id: /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/,
};

/**
 * Judges the query of `GET …/auth` in the order: client, redirect URI, response type, required, form, scope,
 * transaction.
 */
export function judgeAuthorizationRequest(world: World, query: Parameters): JudgedRequest {
  const client = world.clients.get(parameter(query, 'client_id') ?? '');
  if (client === undefined) return { kind: 'shown', parameter: 'client_id' };
  const redirectUri = parameter(query, 'redirect_uri');
  if (redirectUri === undefined || !client.redirectUris.includes(redirectUri)) {
    return { kind: 'shown', parameter: 'redirect_uri' };
  }
  const refusal = refuse(world, client, query);
  if (refusal !== undefined) {
    return { kind: 'redirected', redirectUri, state: parameter(query, 'state'), ...refusal };
  }
  return { kind: 'accepted', interaction: interactionOf(client, redirectUri, query) };
}

interface Refusal {
  readonly row: string;
  readonly parameter?: string;
}

function refuse(world: World, client: SimulatorClient, query: Parameters): Refusal | undefined {
  if (client.disabled) return { row: 'authorization-2' };
  return (
    refuseResponseType(query) ??
    refuseForm(query) ??
    refuseScope(query) ??
    refuseTransaction(world, client, query)
  );
}

function refuseResponseType(query: Parameters): Refusal | undefined {
  if (query['response_type'] === undefined) return { row: 'authorization-1', parameter: 'response_type' };
  const type = parameter(query, 'response_type');
  if (type === 'token') return { row: 'authorization-4' };
  return type === 'code' ? undefined : { row: 'authorization-3' };
}

function refuseForm(query: Parameters): Refusal | undefined {
  const absent = REQUIRED.find((name) => query[name] === undefined);
  if (absent !== undefined) return { row: 'authorization-1', parameter: absent };
  const bad = Object.entries(FORM).find(
    ([name, form]) => query[name] !== undefined && !form.test(parameter(query, name) ?? ''),
  );
  return bad === undefined ? undefined : { row: 'authorization-6', parameter: bad[0] };
}

function refuseScope(query: Parameters): Refusal | undefined {
  const scope = parameter(query, 'scope');
  const known: readonly string[] = CITIZEN_SCOPES;
  const values = words(scope);
  if (values.every((value) => known.includes(value)) && values.includes('openid')) return undefined;
  return { row: 'authorization-5', parameter: scope ?? '' };
}

function refuseTransaction(world: World, client: SimulatorClient, query: Parameters): Refusal | undefined {
  const id = parameter(query, 'sign_transaction_id');
  const signing = words(parameter(query, 'scope')).includes('sign');
  if (id === undefined)
    return signing ? { row: 'authorization-1', parameter: 'sign_transaction_id' } : undefined;
  const transaction = world.transactions.get(id);
  const usable = signing && transaction?.clientId === client.clientId && transaction.state.kind === 'open';
  return usable ? undefined : { row: 'authorization-6', parameter: 'sign_transaction_id' };
}

function interactionOf(client: SimulatorClient, redirectUri: string, query: Parameters): Interaction {
  const text = (name: string) => parameter(query, name) ?? '';
  return {
    id: randomUUID(),
    cookie: randomUUID(),
    clientId: client.clientId,
    redirectUri,
    state: text('state'),
    nonce: text('nonce'),
    scope: words(text('scope')),
    codeChallenge: text('code_challenge'),
    signTransactionId: parameter(query, 'sign_transaction_id'),
    fault: undefined,
  };
}
