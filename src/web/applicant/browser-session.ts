import type { Request, Response } from 'express';
import type { BrowserSession } from '../../ports/session-store.ts';
import { findSession, openBrowserSession, type SessionPorts } from '../../rp/sessions.ts';
import { BROWSER_COOKIE, readCookie, setCookie } from '../cookies.ts';

/** The session that binds this browser to its flows; a new one with its cookie where there is none. */
export async function browserSessionOf(
  ports: SessionPorts,
  request: Request,
  response: Response,
): Promise<BrowserSession> {
  const session = await findSession(ports, readCookie(request, BROWSER_COOKIE));
  if (session !== undefined) return session;
  const opened = await openBrowserSession(ports);
  setCookie(response, BROWSER_COOKIE, opened.cookie);
  return opened.session;
}
