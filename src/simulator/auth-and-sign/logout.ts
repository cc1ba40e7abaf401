import { randomUUID } from 'node:crypto';
import { addressOf } from '../../adapters/http-client/loopback-addresses.ts';
import type { LogoutDelivery, LogoutRequest } from '../options.ts';
import { signToken } from './id-token.ts';
import type { CitizenSession, World } from './world.ts';

const LIFETIME_SECONDS = 36_000;
const TIMEOUT_MS = 5000;

/** Sends back-channel logout for the sessions concerned and ends them here (guideline, logout トークンの検証). */
export async function sendLogout(world: World, request: LogoutRequest): Promise<readonly LogoutDelivery[]> {
  const sessions = world.sessions.values().filter((session) => isConcerned(session, request));
  const deliveries: LogoutDelivery[] = [];
  for (const session of sessions) {
    world.sessions.delete(session.sid);
    const uri = world.clients.get(session.clientId)?.backchannelLogoutUri;
    if (uri === undefined) continue;
    const status = await post(uri, await logoutToken(world, session, request));
    deliveries.push({ clientId: session.clientId, status });
  }
  return deliveries;
}

function isConcerned(session: CitizenSession, { person, sub, clientId }: LogoutRequest): boolean {
  if (person === undefined && sub === undefined) return false;
  return (
    (person === undefined || session.personId === person) &&
    (sub === undefined || session.sub === sub) &&
    (clientId === undefined || session.clientId === clientId)
  );
}

async function logoutToken(world: World, session: CitizenSession, request: LogoutRequest): Promise<string> {
  const iat = Math.floor(world.now() / 1000);
  const claims = {
    iat,
    jti: randomUUID(),
    iss: world.issuer,
    aud: session.clientId,
    sub: session.sub,
    exp: iat + LIFETIME_SECONDS,
    sid: session.sid,
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    ...request.claims,
  };
  const present = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null));
  return signToken(world, present, undefined, request.typ ?? 'JWT');
}

async function post(uri: string, token: string): Promise<number> {
  try {
    const response = await fetch(addressOf(new URL(uri)), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ logout_token: token }),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}
