import { randomUUID } from 'node:crypto';
import {
  AUTHORIZATION_REFERENCE,
  type Bilingual,
  CHALLENGE,
  described,
  type Explanation,
  formFault,
  type ParameterForm,
  VISIBLE_255,
  VISIBLE_ANY,
} from '../explanation.ts';
import type { SimulatorClient } from '../options.ts';
import { CITIZEN_SCOPES } from './discovery.ts';
import { type Parameters, parameter, words } from './parameters.ts';
import type { Interaction, SignTransaction, World } from './world.ts';

/** What becomes of an authorization request. */
type JudgedRequest =
  | { readonly kind: 'accepted'; readonly interaction: Interaction }
  /** Row of the guideline's table, or `login_required`, sent to the RP. */
  | {
      readonly kind: 'redirected';
      readonly redirectUri: string;
      readonly state: string | undefined;
      readonly row: string;
      readonly parameter?: string;
      readonly because: Explanation;
    }
  /** Shown in the browser; the RP never hears of it. */
  | { readonly kind: 'shown'; readonly parameter: string; readonly because: Explanation };

const REQUIRED = ['scope', 'state', 'nonce', 'code_challenge', 'code_challenge_method'] as const;

/** Form of each parameter (authserver reference, authorization endpoint). */
const FORM: Readonly<Record<string, ParameterForm>> = {
  state: VISIBLE_255,
  nonce: VISIBLE_255,
  scope: VISIBLE_ANY,
  code_challenge: CHALLENGE,
  acr_values: VISIBLE_255,
};

const TRANSACTION_ID = /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/;

/**
 * Judges the query of `GET …/auth` in the order: client, redirect URI, response type, required, form, scope,
 * transaction.
 */
export function judgeAuthorizationRequest(world: World, query: Parameters): JudgedRequest {
  const client = world.clients.get(parameter(query, 'client_id') ?? '');
  if (client === undefined) {
    return { kind: 'shown', parameter: 'client_id', because: unknownClient(world, query['client_id']) };
  }
  const redirectUri = parameter(query, 'redirect_uri');
  if (redirectUri === undefined || !client.redirectUris.includes(redirectUri)) {
    return {
      kind: 'shown',
      parameter: 'redirect_uri',
      because: foreignRedirect(client, query['redirect_uri']),
    };
  }
  const refusal = refuse(world, client, query);
  if (refusal !== undefined) {
    return { kind: 'redirected', redirectUri, state: parameter(query, 'state'), ...refusal };
  }
  return { kind: 'accepted', interaction: interactionOf(client, redirectUri, query) };
}

/** A client id that nobody registered, at any endpoint. */
export function unknownClient(world: World, value: unknown): Explanation {
  const known = [...world.clients.keys()].join(', ') || '-';
  const came = typeof value === 'string' && value !== '' ? quoted(value) : described(value);
  return {
    parameter: 'client_id',
    came,
    rule: {
      en: `it must be one of the registered ones (${known})`,
      ja: `登録済みのもの(${known})でなければなりません`,
    },
    source: AUTHORIZATION_REFERENCE,
  };
}

/** A redirect URI beside the registered ones. */
function foreignRedirect({ redirectUris }: SimulatorClient, value: unknown): Explanation {
  const registered = redirectUris.join(' , ');
  return {
    parameter: 'redirect_uri',
    came: typeof value === 'string' && value !== '' ? quoted(value) : described(value),
    rule: {
      en: `it must be, character by character, a registered one: ${registered}`,
      ja: `登録済みのものと1文字も違わないこと: ${registered}`,
    },
    source: `${AUTHORIZATION_REFERENCE}; RFC 6749 section 3.1.2.3`,
  };
}

function quoted(value: string): Bilingual {
  const text = value.length > 300 ? `${value.slice(0, 300)}…` : value;
  return { en: `it is "${text}"`, ja: `「${text}」です` };
}

interface Refusal {
  readonly row: string;
  readonly parameter?: string;
  readonly because: Explanation;
}

function refuse(world: World, client: SimulatorClient, query: Parameters): Refusal | undefined {
  if (client.disabled) return { row: 'authorization-2', because: stopped(client) };
  return (
    refuseResponseType(query) ??
    refuseForm(query) ??
    refuseScope(query) ??
    refuseTransaction(world, client, query) ??
    refuseSilence(query)
  );
}

/** A client that the service has stopped, at any endpoint. */
export function stopped({ clientId }: SimulatorClient): Explanation {
  return {
    parameter: 'client_id',
    came: { en: `${clientId} is disabled`, ja: `${clientId} は停止中です` },
    rule: {
      en: 'a stopped client gets nothing; register it without "disabled"',
      ja: '停止中のクライアントには何も返りません',
    },
    source: 'guideline, error table of the authorization endpoint (Client disabled)',
  };
}

function refuseResponseType(query: Parameters): Refusal | undefined {
  const because: Explanation = {
    parameter: 'response_type',
    came: quotedOrMissing(query['response_type']),
    rule: {
      en: 'it must be "code"; implicit and hybrid flow are off',
      ja: '「code」だけです。implicit と hybrid はありません',
    },
    source: AUTHORIZATION_REFERENCE,
  };
  if (query['response_type'] === undefined)
    return { row: 'authorization-1', parameter: 'response_type', because };
  const type = parameter(query, 'response_type');
  if (type === 'token') return { row: 'authorization-4', because };
  return type === 'code' ? undefined : { row: 'authorization-3', because };
}

function quotedOrMissing(value: unknown): Bilingual {
  return typeof value === 'string' && value !== '' ? quoted(value) : described(value);
}

const DEMANDED: Bilingual = {
  en: 'the service demands it, where OpenID Connect leaves it open (state, nonce, PKCE)',
  ja: 'OpenID Connect では任意のもの(state, nonce, PKCE)も、このサービスでは必須です',
};

function refuseForm(query: Parameters): Refusal | undefined {
  const absent = REQUIRED.find((name) => query[name] === undefined);
  if (absent !== undefined) {
    const because = {
      parameter: absent,
      came: described(undefined),
      rule: DEMANDED,
      source: AUTHORIZATION_REFERENCE,
    };
    return { row: 'authorization-1', parameter: absent, because };
  }
  for (const [name, form] of Object.entries(FORM)) {
    const because = query[name] === undefined ? undefined : formFault(name, query[name], form);
    if (because !== undefined) return { row: 'authorization-6', parameter: name, because };
  }
  if (parameter(query, 'code_challenge_method') !== 'S256') {
    const because: Explanation = {
      parameter: 'code_challenge_method',
      came: quotedOrMissing(query['code_challenge_method']),
      rule: { en: 'it must be "S256"', ja: '「S256」だけです' },
      source: `${AUTHORIZATION_REFERENCE}; RFC 7636 section 4.2`,
    };
    return { row: 'authorization-6', parameter: 'code_challenge_method', because };
  }
  const id = query['sign_transaction_id'];
  if (id === undefined || TRANSACTION_ID.test(parameter(query, 'sign_transaction_id') ?? ''))
    return undefined;
  return {
    row: 'authorization-6',
    parameter: 'sign_transaction_id',
    because: wrongTransaction(described(id)),
  };
}

function refuseScope(query: Parameters): Refusal | undefined {
  const scope = parameter(query, 'scope');
  const known: readonly string[] = CITIZEN_SCOPES;
  const values = words(scope);
  const strange = values.filter((value) => !known.includes(value));
  if (strange.length === 0 && values.includes('openid')) return undefined;
  const because: Explanation = {
    parameter: 'scope',
    came:
      strange.length > 0
        ? { en: `it has "${strange.join(' ')}"`, ja: `「${strange.join(' ')}」があります` }
        : { en: 'it has no "openid"', ja: '「openid」がありません' },
    rule: {
      en: `"openid" and any of ${known.slice(1).join(', ')}; there is no profile, email, phone or offline_access`,
      ja: `「openid」と ${known.slice(1).join(', ')} だけ。profile, email, phone, offline_access はありません`,
    },
    source: AUTHORIZATION_REFERENCE,
  };
  return { row: 'authorization-5', parameter: scope ?? '', because };
}

function refuseTransaction(world: World, client: SimulatorClient, query: Parameters): Refusal | undefined {
  const id = parameter(query, 'sign_transaction_id');
  const signing = words(parameter(query, 'scope')).includes('sign');
  if (id === undefined) {
    if (!signing) return undefined;
    const because = wrongTransaction(described(undefined));
    return { row: 'authorization-1', parameter: 'sign_transaction_id', because };
  }
  const transaction = world.transactions.get(id);
  if (signing && transaction?.clientId === client.clientId && transaction.state.kind === 'open')
    return undefined;
  const because = wrongTransaction(transactionFault(signing, transaction, client));
  return { row: 'authorization-6', parameter: 'sign_transaction_id', because };
}

/** Nobody has a session at the app that would let a client in without a card. */
function refuseSilence(query: Parameters): Refusal | undefined {
  if (!words(parameter(query, 'prompt')).includes('none')) return undefined;
  const because: Explanation = {
    parameter: 'prompt',
    came: { en: 'it is "none"', ja: '「none」です' },
    rule: {
      en: 'each login is by card: nobody is let in without a page',
      ja: 'ログインは毎回カードで行います。画面なしのログインはありません',
    },
    source: 'OpenID Connect Core 3.1.2.6; as Keycloak answers',
    assumption: true,
  };
  return { row: 'login_required', because };
}

function transactionFault(
  signing: boolean,
  transaction: SignTransaction | undefined,
  { clientId }: SimulatorClient,
): Bilingual {
  if (!signing) return { en: 'scope has no "sign" beside it', ja: 'scope に「sign」がありません' };
  if (transaction === undefined)
    return { en: 'there is no such transaction', ja: 'その署名トランザクションはありません' };
  if (transaction.clientId !== clientId)
    return { en: "the transaction is another client's", ja: '別のクライアントの署名トランザクションです' };
  return {
    en: `the transaction is ${transaction.state.kind} already`,
    ja: 'その署名トランザクションは終わっています',
  };
}

function wrongTransaction(came: Bilingual): Explanation {
  return {
    parameter: 'sign_transaction_id',
    came,
    rule: {
      en: 'scope "sign" and the id of an open transaction of this client go together',
      ja: 'scope「sign」と、このクライアントが開始した未使用の署名トランザクションIDが要ります',
    },
    source: AUTHORIZATION_REFERENCE,
  };
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
