import type { Express, Request, RequestHandler, Response } from 'express';
import { asJitsuinError, JitsuinError } from '../../core/errors.ts';
import { formBody } from '../../http/body.ts';
import type { BrowserSession } from '../../ports/session-store.ts';
import type { PasskeyPorts } from '../../rp/passkey-challenges.ts';
import { beginPasskeyLogin, finishPasskeyLogin } from '../../rp/passkey-login.ts';
import {
  beginRegistration,
  finishRegistration,
  listPasskeys,
  MOST_PASSKEYS,
  openedByCard,
  removePasskey,
  renamePasskey,
} from '../../rp/passkeys.ts';
import { findSession } from '../../rp/sessions.ts';
import { browserSessionOf } from '../applicant/browser-session.ts';
import { requireOwnForm } from '../applicant/own-form.ts';
import { LOGIN_COOKIE, readCookie, setCookie } from '../cookies.ts';
import type { AccountPages } from './account-pages.ts';
import { type PasskeyListParts, passkeyListPage, passkeyLoginPage } from './passkey-pages.ts';
import { showFailure } from './respond.ts';
import { ACCOUNT_PATH, ownReturnPath } from './return-path.ts';

export const PASSKEY_LOGIN_PATH = '/login/passkey';
const PASSKEYS_PATH = '/account/passkeys';
/** An answer has at most 64 KiB; percent-encoded it is longer. */
const ANSWER_LIMIT = 128 * 1024;
const FORM_LIMIT = 4096;

type PasskeyPages = AccountPages & { readonly login: PasskeyPorts };
type Handler = (pages: PasskeyPages, request: Request, response: Response) => Promise<void>;

/** Daily login by passkey, and the page where citizens look after theirs. */
export function passkeyRoutes(
  app: Express,
  pages: PasskeyPages,
  route: (handler: (request: Request, response: Response) => Promise<void>) => RequestHandler,
): void {
  const own = (handler: Handler) => route((request, response) => handler(pages, request, response));
  app.get(PASSKEY_LOGIN_PATH, own(showLogin));
  app.post(PASSKEY_LOGIN_PATH, formBody(ANSWER_LIMIT), own(logIn));
  app.get(PASSKEYS_PATH, own(showList));
  app.post(PASSKEYS_PATH, formBody(ANSWER_LIMIT), own(register));
  app.post(`${PASSKEYS_PATH}/:key/name`, formBody(FORM_LIMIT), own(rename));
  app.post(`${PASSKEYS_PATH}/:key/remove`, formBody(FORM_LIMIT), own(remove));
}

async function showLogin({ login }: PasskeyPages, request: Request, response: Response): Promise<void> {
  const browser = await browserSessionOf(login, request, response);
  const options = await beginPasskeyLogin(login, browser);
  const returnTo = ownReturnPath(request.query['return_to']);
  response.type('html').send(passkeyLoginPage({ options, csrf: browser.csrf, returnTo }));
}

async function logIn(pages: PasskeyPages, request: Request, response: Response): Promise<void> {
  const { login, log } = pages;
  const browser = await requireOwnForm({ rp: login, publicUrl: pages.publicUrl }, request);
  const given = { answer: field(request, 'passkey'), challenge: field(request, 'challenge') };
  const former = readCookie(request, LOGIN_COOKIE);
  const opened = await finishPasskeyLogin(login, browser, given, former).catch((thrown: unknown) =>
    asJitsuinError(thrown),
  );
  if (opened instanceof JitsuinError) {
    showFailure(log, response, { code: opened.code });
    return;
  }
  setCookie(response, LOGIN_COOKIE, opened.cookie);
  response.redirect(303, ownReturnPath(field(request, 'return_to')));
}

async function showList({ login }: PasskeyPages, request: Request, response: Response): Promise<void> {
  const session = await findSession(login, readCookie(request, LOGIN_COOKIE));
  if (session === undefined) {
    response.redirect(303, ACCOUNT_PATH);
    return;
  }
  const { csrf } = await browserSessionOf(login, request, response);
  const passkeys = await listPasskeys(login, session);
  const registration = await registrationFor(login, session, passkeys.length);
  const { life } = login.passkeys;
  response.type('html').send(passkeyListPage({ passkeys, csrf, life, registration }));
}

async function registrationFor(
  login: PasskeyPorts,
  session: BrowserSession,
  count: number,
): Promise<PasskeyListParts['registration']> {
  if (!openedByCard(session)) return 'card-needed';
  return count >= MOST_PASSKEYS ? 'limit' : beginRegistration(login, session);
}

async function register(pages: PasskeyPages, request: Request, response: Response): Promise<void> {
  const session = await loggedIn(pages, request);
  await finishRegistration(pages.login, session, {
    answer: field(request, 'passkey'),
    challenge: field(request, 'challenge'),
    name: field(request, 'name'),
  });
  response.redirect(303, PASSKEYS_PATH);
}

async function rename(pages: PasskeyPages, request: Request, response: Response): Promise<void> {
  const session = await loggedIn(pages, request);
  await renamePasskey(pages.login, session, keyOf(request), field(request, 'name'));
  response.redirect(303, PASSKEYS_PATH);
}

async function remove(pages: PasskeyPages, request: Request, response: Response): Promise<void> {
  const session = await loggedIn(pages, request);
  await removePasskey(pages.login, session, keyOf(request));
  response.redirect(303, PASSKEYS_PATH);
}

/** Our own form, and somebody logged in. @throws JitsuinError `http.origin`, `login.none` */
async function loggedIn({ login, publicUrl }: PasskeyPages, request: Request): Promise<BrowserSession> {
  await requireOwnForm({ rp: login, publicUrl }, request);
  const session = await findSession(login, readCookie(request, LOGIN_COOKIE));
  if (session === undefined)
    throw new JitsuinError('login.none', 'Nobody is logged in in this browser: log in first.');
  return session;
}

function keyOf(request: Request): string {
  const { key } = request.params;
  return typeof key === 'string' ? key : '';
}

function field(request: Request, name: string): string {
  const body: unknown = request.body;
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
  return typeof value === 'string' ? value : '';
}
