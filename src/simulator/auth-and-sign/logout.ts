import { randomUUID } from 'node:crypto';
import { addressOf } from '../../adapters/http-client/loopback-addresses.ts';
import { defined } from '../../core/defined.ts';
import type { Explanation } from '../explanation.ts';
import type { LogoutDelivery, LogoutRequest } from '../options.ts';
import { signToken } from './id-token.ts';
import { isRecord } from './parameters.ts';
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
    const answer = await post(uri, await logoutToken(world, session, request));
    const { clientId } = session;
    deliveries.push({ clientId, status: answer.status });
    const explanation = answer.status === 200 || answer.status === 204 ? undefined : logoutRule(uri, answer);
    world.journal.note(
      defined({ at: world.now(), endpoint: 'logout' as const, clientId, status: answer.status, explanation }),
    );
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
  return signToken(world, present, request.fault, request.typ ?? 'JWT');
}

interface LogoutAnswer {
  /** 0 when it could not be reached. */
  readonly status: number;
  readonly said?: string;
}

function logoutRule(uri: string, { status, said = '' }: LogoutAnswer): Explanation {
  const told = said === '' ? '' : `: ${said}`;
  return {
    parameter: 'backchannelLogoutUri',
    came:
      status === 0
        ? { en: `${uri} could not be reached within 5 s`, ja: `${uri} に5秒以内に届きませんでした` }
        : { en: `${uri} answered ${status}${told}`, ja: `${uri} の応答は ${status}${told}` },
    rule: {
      en: 'a logout endpoint answers 200 or 204; 400 says that it refused the logout token',
      ja: 'ログアウトの受け口は 200 か 204 を返します。400 は logout_token を断ったことを表します',
    },
    source: 'OpenID Connect Back-Channel Logout 1.0 section 2.8',
  };
}

/** What the client said of its refusal, where it is the JSON of OAuth errors. */
function refusalOf(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    if (!isRecord(body)) return '';
    const words = [body['error'], body['error_description']].filter((each) => typeof each === 'string');
    return words.join(', ').slice(0, 200);
  } catch {
    return '';
  }
}

async function post(uri: string, token: string): Promise<LogoutAnswer> {
  try {
    const response = await fetch(addressOf(new URL(uri)), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ logout_token: token }),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, said: refusalOf(await response.text()) };
  } catch {
    return { status: 0 };
  }
}
