import { createHash } from 'node:crypto';
import { LIFETIME } from '../../adapters/auth-and-sign/wire.ts';
import type { SimulatorClient } from '../options.ts';
import type { Fault } from './faults.ts';
import { issueIdToken } from './id-token.ts';
import { type Parameters, parameter } from './parameters.ts';
import { failure, json, type Reply } from './reply.ts';
import { issueAccessToken, issueRefreshToken } from './tokens.ts';
import type { Grant, World } from './world.ts';

type CitizenGrant = Extract<Grant, { kind: 'citizen' }>;

/** Authorization code with PKCE S256. The first try uses the code up, whether it succeeds or not. */
export async function codeGrant(
  world: World,
  client: SimulatorClient,
  form: Parameters,
  fault: Fault | undefined,
): Promise<Reply> {
  if (form['code'] === undefined) return failure('token-9', 'code');
  const text = parameter(form, 'code') ?? '';
  revokeUsed(world, text);
  const code = world.codes.take(text);
  if (code === undefined || code.interaction.clientId !== client.clientId) return failure('token-4');
  const { interaction, session } = code;
  if (parameter(form, 'redirect_uri') !== interaction.redirectUri) return failure('token-5');
  if (form['code_verifier'] === undefined) return failure('token-9', 'code_verifier');
  if (challengeOf(parameter(form, 'code_verifier')) !== interaction.codeChallenge) return failure('token-7');
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
function revokeUsed(world: World, code: string): void {
  for (const token of world.usedCodes.take(code) ?? []) {
    world.access.delete(token);
    world.refresh.delete(token);
  }
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
