import { createHash } from 'node:crypto';
import { LIFETIME } from '../../adapters/auth-and-sign/wire.ts';
import { type Bilingual, described, type Explanation, TOKEN_TABLE } from '../explanation.ts';
import type { SimulatorClient } from '../options.ts';
import type { Fault } from './faults.ts';
import { issueIdToken } from './id-token.ts';
import { type Parameters, parameter } from './parameters.ts';
import { failure, json, type Reply } from './reply.ts';
import { issueAccessToken, issueRefreshToken } from './tokens.ts';
import type { AuthorizationCode, Grant, World } from './world.ts';

type CitizenGrant = Extract<Grant, { kind: 'citizen' }>;

/** Authorization code with PKCE S256. The first try uses the code up, whether it succeeds or not. */
export async function codeGrant(
  world: World,
  client: SimulatorClient,
  form: Parameters,
  fault: Fault | undefined,
): Promise<Reply> {
  if (form['code'] === undefined) return failure('token-9', 'code', codeRule(described(undefined)));
  const text = parameter(form, 'code') ?? '';
  const used = revokeUsed(world, text);
  const code = world.codes.take(text);
  if (code === undefined || code.interaction.clientId !== client.clientId) {
    return failure('token-4', undefined, codeRule(codeFault(used, code)));
  }
  const { interaction, session } = code;
  if (parameter(form, 'redirect_uri') !== interaction.redirectUri) {
    return failure('token-5', undefined, redirectRule(form['redirect_uri'], interaction.redirectUri));
  }
  if (form['code_verifier'] === undefined) {
    return failure('token-9', 'code_verifier', verifierRule(described(undefined)));
  }
  const challenge = challengeOf(parameter(form, 'code_verifier'));
  if (challenge !== interaction.codeChallenge) {
    return failure('token-7', undefined, verifierRule(verifierFault(form['code_verifier'], challenge)));
  }
  const grant: CitizenGrant = {
    kind: 'citizen',
    clientId: client.clientId,
    scope: interaction.scope,
    session,
  };
  const answer = await citizenTokens(world, grant, interaction.nonce, fault);
  world.usedCodes.set(text, answer.tokens, LIFETIME.accessToken);
  return answer.reply;
}

/** A code that comes a second time ends the tokens that it gave (RFC 6749 section 4.1.2). */
function revokeUsed(world: World, code: string): boolean {
  const tokens = world.usedCodes.take(code);
  for (const token of tokens ?? []) {
    world.access.delete(token);
    world.refresh.delete(token);
  }
  return tokens !== undefined;
}

function codeFault(used: boolean, code: AuthorizationCode | undefined): Bilingual {
  if (used) {
    return {
      en: 'it was used already; the tokens that it gave end now',
      ja: '使用済みです。先に渡したトークンも無効にしました',
    };
  }
  if (code !== undefined)
    return { en: 'it was given to another client', ja: '別のクライアントに渡したものです' };
  return { en: 'it is not known, or older than its minute', ja: '知らない値か、期限(1分)切れです' };
}

function codeRule(came: Bilingual): Explanation {
  return {
    parameter: 'code',
    came,
    rule: {
      en: `a code is used once, within ${LIFETIME.authorizationCode} s, by the client that asked for it`,
      ja: `認可コードは、求めたクライアントが ${LIFETIME.authorizationCode} 秒以内に1回だけ使えます`,
    },
    source: `${TOKEN_TABLE}; RFC 6749 section 4.1.2`,
  };
}

function redirectRule(value: unknown, asked: string): Explanation {
  const came = value ? { en: `it is "${String(value)}"`, ja: `「${String(value)}」です` } : described(value);
  return {
    parameter: 'redirect_uri',
    came,
    rule: { en: `the same as at authorization: ${asked}`, ja: `認可要求と同じであること: ${asked}` },
    source: `${TOKEN_TABLE}; RFC 6749 section 4.1.3`,
  };
}

function verifierFault(value: unknown, challenge: string | undefined): Bilingual {
  if (challenge !== undefined)
    return { en: 'its SHA-256 is not the code_challenge', ja: 'SHA-256 が code_challenge と違います' };
  return described(value);
}

function verifierRule(came: Bilingual): Explanation {
  return {
    parameter: 'code_verifier',
    came,
    rule: {
      en: '43 to 128 characters A-Z a-z 0-9 - . _ ~ whose SHA-256, base64url, was the code_challenge',
      ja: 'A-Z a-z 0-9 - . _ ~ の43〜128文字で、SHA-256 の base64url が code_challenge と同じもの',
    },
    source: 'RFC 7636 sections 4.1 and 4.6',
  };
}

/** RFC 7636 section 4.6; a verifier of a wrong form matches nothing. */
function challengeOf(verifier: string | undefined): string | undefined {
  if (verifier === undefined || !/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) return undefined;
  return createHash('sha256').update(verifier, 'ascii').digest('base64url');
}

/** The token response of the code and the refresh grant; members as Keycloak sends them. */
export async function citizenTokens(
  world: World,
  grant: CitizenGrant,
  nonce: string | undefined,
  fault: Fault | undefined,
): Promise<{ readonly reply: Reply; readonly tokens: readonly string[] }> {
  const accessToken = await issueAccessToken(world, grant);
  const refreshToken = issueRefreshToken(world, grant);
  const idToken = await issueIdToken(world, {
    session: grant.session,
    accessToken,
    nonce,
    fault: fault?.name,
  });
  const reply = json(200, {
    access_token: fault?.name === 'missing-access-token' ? undefined : accessToken,
    expires_in: LIFETIME.accessToken,
    refresh_expires_in: LIFETIME.refreshToken,
    refresh_token: refreshToken,
    token_type: fault?.name === 'wrong-token-type' ? 'DPoP' : 'Bearer',
    id_token: fault?.name === 'missing-id-token' ? undefined : idToken,
    'not-before-policy': 0,
    session_state: grant.session.sid,
    scope: grant.scope.join(' '),
  });
  return { reply, tokens: [accessToken, refreshToken] };
}
