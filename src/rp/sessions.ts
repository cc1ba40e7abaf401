import type { EpochMillis } from '../core/brand.ts';
import { hexSha256 } from '../core/digest/sha256.ts';
import { toBase64Url } from '../core/encoding.ts';
import { HOUR_MILLIS } from '../core/spans.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { BrowserSession, SessionStore } from '../ports/session-store.ts';

export interface SessionPorts {
  readonly sessions: SessionStore;
  readonly clock: Clock;
  readonly random: Random;
}

/** A session with the cookie value that opens it; the store holds only the value's hash. */
export interface OpenedSession {
  readonly cookie: string;
  readonly session: BrowserSession;
}

const COOKIE = /^[A-Za-z0-9_-]{43}$/;
const SECRET_OCTETS = 32;
/** A browser is bound to its flows as long as the longest of them and its page may last. */
const BROWSER_LIFE = 4 * HOUR_MILLIS;
const LOGIN_LIFE = HOUR_MILLIS;

/** Hex SHA-256 of a cookie value; undefined when it has not the form of one of ours. */
export function hashOfCookie(cookie: string | undefined): string | undefined {
  if (cookie === undefined || !COOKIE.test(cookie)) return undefined;
  return hexSha256(cookie);
}

/** The live session of a cookie. A value that we did not issue opens nothing. */
export async function findSession(
  ports: SessionPorts,
  cookie: string | undefined,
): Promise<BrowserSession | undefined> {
  const idHash = hashOfCookie(cookie);
  const session = idHash === undefined ? undefined : await ports.sessions.get(idHash);
  return session !== undefined && session.expiresAt > ports.clock.now() ? session : undefined;
}

/** A new session that binds a browser to the flows it starts; nobody is logged in by it. */
export function openBrowserSession(ports: SessionPorts): Promise<OpenedSession> {
  return open(ports, BROWSER_LIFE, {});
}

/**
 * A new session after a verified ID token; its cookie value is fresh, whatever the browser held before, and the session
 * of the value held before ends.
 */
export async function openLoginSession(
  ports: SessionPorts,
  login: Required<Pick<BrowserSession, 'subject' | 'subjectHash'>> & Pick<BrowserSession, 'sid' | 'login'>,
  formerCookie: string | undefined,
): Promise<OpenedSession> {
  const former = hashOfCookie(formerCookie);
  if (former !== undefined) await ports.sessions.delete(former);
  return open(ports, LOGIN_LIFE, login);
}

async function open(
  ports: SessionPorts,
  life: number,
  fields: Pick<BrowserSession, 'subject' | 'subjectHash' | 'sid' | 'login'>,
): Promise<OpenedSession> {
  const cookie = toBase64Url(ports.random.octets(SECRET_OCTETS));
  const now = ports.clock.now();
  const session: BrowserSession = {
    idHash: hashOfCookie(cookie) ?? '',
    ...fields,
    csrf: toBase64Url(ports.random.octets(SECRET_OCTETS)),
    createdAt: now,
    expiresAt: (now + life) as EpochMillis,
  };
  await ports.sessions.put(session);
  return { cookie, session };
}
