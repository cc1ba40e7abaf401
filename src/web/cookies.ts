import type { CookieOptions, Request, Response } from 'express';
import { nameOfCookie, secureCookies } from '../http/cookie-names.ts';

/** Binds a browser to the flows it started; survives the login, since other tabs may be under way. */
export const BROWSER_COOKIE = '__Host-jitsuin-browser';
/** The citizen's session after a verified ID token; a new value with every login. */
export const SESSION_COOKIE = '__Host-jitsuin-session';

/** The citizen's login (認証), apart from what a signature opened; a new value with every login. */
export const LOGIN_COOKIE = '__Host-jitsuin-login';

/** The language in which the reader wants the citizen's pages; holds one of our words and nothing else. */
export const LANGUAGE_COOKIE = '__Host-jitsuin-language';

/** The one value of a cookie; undefined when it is absent or sent twice. */
export function readCookie(request: Request, hostName: string): string | undefined {
  const name = nameOfCookie(request, hostName);
  const values = (request.get('Cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
}

/** Lax, since the redirect back from the service is a top-level navigation from another site. */
export function setCookie(
  response: Response,
  name: string,
  value: string,
  sameSite: 'lax' | 'strict' = 'lax',
): void {
  response.cookie(nameOfCookie(response.req, name), value, optionsOf(response, sameSite));
}

export function clearCookie(response: Response, name: string, sameSite: 'lax' | 'strict' = 'lax'): void {
  response.clearCookie(nameOfCookie(response.req, name), optionsOf(response, sameSite));
}

function optionsOf({ req }: Response, sameSite: 'lax' | 'strict'): CookieOptions {
  return { secure: secureCookies(req), httpOnly: true, sameSite, path: '/' };
}
