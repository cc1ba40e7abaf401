import type { Request } from 'express';
import { isLoopbackHttp } from '../core/oidc/provider-metadata.ts';

/**
 * `host`: `__Host-` names and Secure (RFC 6265bis section 4.1.3.2). `plain`: without both, on plain-http loopback
 * and only there, because WebKit drops Secure cookies on http://localhost.
 */
type CookieNames = 'host' | 'plain';

/** The setting of an application that says which. */
export const COOKIE_NAMES = 'cookie names';
const PREFIX = '__Host-';

export function cookieNamesAt(publicUrl: string | undefined): CookieNames {
  return publicUrl !== undefined && isLoopbackHttp(new URL(publicUrl)) ? 'plain' : 'host';
}

function cookieNames(request: Request): CookieNames {
  return request.app.get(COOKIE_NAMES) === 'plain' ? 'plain' : 'host';
}

/** The name under which this application keeps the cookie of this `__Host-` name. */
export function nameOfCookie(request: Request, name: string): string {
  return cookieNames(request) === 'plain' ? name.slice(PREFIX.length) : name;
}

export function secureCookies(request: Request): boolean {
  return cookieNames(request) === 'host';
}
