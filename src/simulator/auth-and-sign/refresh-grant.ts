import { type Bilingual, described, type Explanation, TOKEN_TABLE } from '../explanation.ts';
import type { SimulatorClient } from '../options.ts';
import { citizenTokens } from './code-grant.ts';
import type { Fault } from './faults.ts';
import { type Parameters, parameter } from './parameters.ts';
import { failure, type Reply } from './reply.ts';
import type { World } from './world.ts';

/** Refresh: new tokens of the same session; the ID token carries no nonce. A logged-out session refreshes no more. */
export async function refreshGrant(
  world: World,
  client: SimulatorClient,
  form: Parameters,
  fault: Fault | undefined,
): Promise<Reply> {
  if (form['refresh_token'] === undefined) return failure('token-10', undefined, rule(described(undefined)));
  const remembered = world.refresh.get(parameter(form, 'refresh_token') ?? '');
  if (remembered === undefined || remembered.grant.clientId !== client.clientId) {
    const came = { en: 'it is not one of this client', ja: 'このクライアントのものではありません' };
    return failure('token-6', undefined, rule(came));
  }
  if (world.sessions.get(remembered.grant.session.sid) === undefined) {
    const came = { en: 'its session was logged out', ja: 'セッションはログアウト済みです' };
    return failure('token-6', undefined, rule(came));
  }
  if (remembered.expiresAt <= world.now()) {
    return failure('token-8', undefined, rule({ en: 'it has expired', ja: '期限切れです' }));
  }
  return (await citizenTokens(world, remembered.grant, undefined, fault)).reply;
}

function rule(came: Bilingual): Explanation {
  return {
    parameter: 'refresh_token',
    came,
    rule: {
      en: 'the one of the last answer, of a session that is not logged out; refused for good, so log in anew',
      ja: '最後に受け取った値で、ログアウトしていないもの。断られたら、もう一度ログインしてください',
    },
    source: TOKEN_TABLE,
  };
}
