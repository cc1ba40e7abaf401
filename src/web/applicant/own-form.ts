import type { Request } from 'express';
import { equalTexts } from '../../core/digest/sha256.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { BrowserSession } from '../../ports/session-store.ts';
import { findSession, type SessionPorts } from '../../rp/sessions.ts';
import { BROWSER_COOKIE, readCookie } from '../cookies.ts';
import { isOwnOrigin } from '../own-origin.ts';

/**
 * A form post counts only when it comes from our own page: `Origin` (or, where a browser leaves it out,
 * `Sec-Fetch-Site`) is ours, the cookie opens a session of ours, and the hidden token is that session's.
 * @throws JitsuinError `http.origin`, `http.cookie`
 */
export async function requireOwnForm(
  pages: { readonly rp: SessionPorts; readonly publicUrl: string },
  request: Request,
): Promise<BrowserSession> {
  const cookie = readCookie(request, BROWSER_COOKIE);
  if (cookie === undefined && isOwnOrigin(request, new URL(pages.publicUrl).origin)) throw noCookie();
  const session = await findSession(pages.rp, cookie);
  const body: unknown = request.body;
  const csrf = typeof body === 'object' && body !== null && 'csrf' in body ? body.csrf : undefined;
  if (
    session === undefined ||
    !isOwnOrigin(request, new URL(pages.publicUrl).origin) ||
    typeof csrf !== 'string' ||
    !equalTexts(csrf, session.csrf)
  ) {
    throw new JitsuinError('http.origin', 'The form was not sent from our own page.');
  }
  return session;
}

/** Cookies are refused or were lost: nothing is used up, and the page says so. */
export function noCookie(): JitsuinError {
  return new JitsuinError('http.cookie', 'The browser sent back no cookie of ours.');
}
