import type { Response } from 'express';
import { clearCookie, setCookie } from '../cookies.ts';

/** An operator's session; a new value with every login. */
export const CONSOLE_COOKIE = '__Host-jitsuin-console';
/** The ceremony under way, sealed. */
export const CEREMONY_COOKIE = '__Host-jitsuin-ceremony';

/** Strict: nothing of another site leads into the console, so its cookies never go along from there. */
export function setConsoleCookie(response: Response, name: string, value: string): void {
  setCookie(response, name, value, 'strict');
}

export function clearConsoleCookie(response: Response, name: string): void {
  clearCookie(response, name, 'strict');
}
