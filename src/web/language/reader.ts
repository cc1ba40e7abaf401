import { AsyncLocalStorage } from 'node:async_hooks';
import type { Request, Response } from 'express';
import { LANGUAGE_COOKIE, readCookie, setCookie } from '../cookies.ts';
import { isLanguage, type Language } from './languages.ts';

/** Who reads the page that is being made, and where the same page is in another language. */
interface Reader {
  readonly language: Language;
  /** What stands before `lang=…`; absent where the page cannot be asked for again. */
  readonly address?: string;
}

const current = new AsyncLocalStorage<Reader>();

/** Undefined outside the citizen's pages: they alone are in several languages. */
export function reader(): Reader | undefined {
  return current.getStore();
}

/** Makes what `make` makes in the reader's language. */
export function readBy<Made>(one: Reader, make: () => Made): Made {
  return current.run(one, make);
}

/**
 * By the reader's choice: `?lang=…` of the address, which is kept in a cookie that says nothing else, or that cookie.
 * Nothing is guessed from the browser.
 */
export function readerOf(request: Request, response: Response): Reader {
  const asked: unknown = request.method === 'GET' ? request.query['lang'] : undefined;
  const kept = readCookie(request, LANGUAGE_COOKIE);
  if (isLanguage(asked) && asked !== kept) setCookie(response, LANGUAGE_COOKIE, asked);
  const language = isLanguage(asked) ? asked : isLanguage(kept) ? kept : 'ja';
  const address = addressOf(request);
  return address === undefined ? { language } : { language, address };
}

/** What may be repeated of a query: never a code or a state of the service's. */
const REPEATED = ['hand_over', 'return_to'] as const;
const AGAIN =
  /^\/(?:applications\/[^/]+\/(?:sign|complete|paper|document)|account(?:\/passkeys)?|login\/passkey)$/;
const OF_APPLICATION = /^\/applications\/([0-9a-f-]{36})\//;

/** An application's pages after a form are found again at its signing page; a callback nowhere. */
function addressOf({ method, path, query }: Request): string | undefined {
  if (method === 'GET' && AGAIN.test(path)) {
    const kept = REPEATED.flatMap((name) => {
      const value: unknown = query[name];
      return typeof value === 'string' ? [`${name}=${encodeURIComponent(value)}&`] : [];
    });
    return `?${kept.join('')}`;
  }
  const id = OF_APPLICATION.exec(path)?.[1];
  return id === undefined ? undefined : `/applications/${id}/sign?`;
}
