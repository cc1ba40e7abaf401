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
  if (form['refresh_token'] === undefined) return failure('token-10');
  const remembered = world.refresh.get(parameter(form, 'refresh_token') ?? '');
  if (remembered === undefined || remembered.grant.clientId !== client.clientId) return failure('token-6');
  if (world.sessions.get(remembered.grant.session.sid) === undefined) return failure('token-6');
  if (remembered.expiresAt <= world.now()) return failure('token-8');
  return (await citizenTokens(world, remembered.grant, undefined, fault)).reply;
}
