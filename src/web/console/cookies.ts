import type { Response } from 'express';

/** An operator's session; a new value with every login. */
export const CONSOLE_COOKIE = '__Host-jitsuin-console';
/** The ceremony under way, sealed. */
export const CEREMONY_COOKIE = '__Host-jitsuin-ceremony';

/** Strict: nothing of another site leads into the console, so its cookies never go along from there. */
const OPTIONS = { secure: true, httpOnly: true, sameSite: 'strict', path: '/' } as const;

export function setConsoleCookie(response: Response, name: string, value: string): void {
  response.cookie(name, value, OPTIONS);
}

export function clearConsoleCookie(response: Response, name: string): void {
  response.clearCookie(name, OPTIONS);
}
