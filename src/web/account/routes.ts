import type { Express, Request, Response } from 'express';
import { createAllowance } from '../../core/allowance.ts';
import { asJitsuinError, JitsuinError } from '../../core/errors.ts';
import { MINUTE_MILLIS } from '../../core/spans.ts';
import { routePath } from '../../http/base-path.ts';
import { formBody } from '../../http/body.ts';
import { logoutRoute } from '../../http/relying-party/logout-route.ts';
import type { BrowserSession } from '../../ports/session-store.ts';
import { beginLogin, handleLoginCallback } from '../../rp/login.ts';
import { refreshLogin } from '../../rp/refresh-login.ts';
import { findSession, hashOfCookie, openBrowserSession } from '../../rp/sessions.ts';
import { citizenRoute } from '../applicant/browser-route.ts';
import { requireOwnForm } from '../applicant/own-form.ts';
import {
  BROWSER_COOKIE,
  clearCookie,
  LOGIN_COOKIE,
  readCookie,
  SESSION_COOKIE,
  setCookie,
} from '../cookies.ts';
import type { AccountPages } from './account-pages.ts';
import { accountPage } from './pages.ts';
import { passkeyRoutes } from './passkey-routes.ts';
import { showFailure, showResult } from './respond.ts';
import { ACCOUNT_PATH, ownReturnPath } from './return-path.ts';

const FORM_LIMIT = 4096;
/** Refused callbacks are anybody's: the audit log has so many a minute. */
const refusals = createAllowance(60, MINUTE_MILLIS);
const BROKER_LOGOUT_PATH = '/login/backchannel-logout';

/** The login (認証) in the citizen's browser: `/login`, its callback, the page of who is logged in, refresh, logout. */
export function accountRoutes(app: Express, pages: AccountPages): void {
  const route = (handler: (pages: AccountPages, request: Request, response: Response) => Promise<void>) =>
    citizenRoute(pages.log, (request, response) => handler(pages, request, response));
  app.get('/login', route(startLogin));
  app.get(routePath(pages.login.loginSettings.redirectUri, pages.publicUrl), route(callback));
  app.get(ACCOUNT_PATH, route(account));
  app.post(`${ACCOUNT_PATH}/refresh`, formBody(FORM_LIMIT), route(refresh));
  app.post('/logout', formBody(FORM_LIMIT), route(logout));
  const { login } = pages;
  const { passkeys } = login;
  if (passkeys !== undefined) {
    passkeyRoutes(app, { ...pages, login: { ...login, passkeys } }, (handler) =>
      citizenRoute(pages.log, handler),
    );
  }
  if (pages.login.loginSettings.issuer !== pages.rp.settings.issuer) brokerLogout(app, pages);
}

/** Back-channel logout of a broker: its tokens, its issuer, its subjects; no flow of the service is touched. */
function brokerLogout(app: Express, { login, rp, log }: AccountPages): void {
  const { issuer, hashSubject } = login.loginSettings;
  const { logoutTokens } = login.loginProvider;
  const ports = { ...rp, logoutTokens, settings: { ...rp.settings, issuer, hashSubject } };
  logoutRoute(app, ports, log, BROKER_LOGOUT_PATH);
}

async function startLogin(pages: AccountPages, request: Request, response: Response): Promise<void> {
  const browser = await browserSession(pages, request, response);
  const { return_to: returnTo } = request.query;
  response.redirect(303, await beginLogin(pages.login, browser.idHash, ownReturnPath(returnTo)));
}

async function callback(pages: AccountPages, request: Request, response: Response): Promise<void> {
  const query = new URL(request.originalUrl, pages.publicUrl).searchParams;
  const browser = hashOfCookie(readCookie(request, BROWSER_COOKIE));
  const former = readCookie(request, LOGIN_COOKIE);
  const result = await handleLoginCallback(pages.login, query, browser, former).catch((thrown: unknown) =>
    recordRefusal(pages, thrown),
  );
  if (result instanceof JitsuinError) {
    showFailure(pages.log, response, { code: result.code });
    return;
  }
  if (result.opened !== undefined) setCookie(response, LOGIN_COOKIE, result.opened.cookie);
  showResult(pages.log, response, result);
}

async function recordRefusal(pages: AccountPages, thrown: unknown): Promise<JitsuinError> {
  const error = asJitsuinError(thrown);
  const { code, kind } = error;
  if (kind === 'internal' || kind === 'temporary') throw error;
  const at = pages.login.clock.now();
  if (refusals.take(at))
    await pages.login.audit.append({ event: 'callback.refused', subject: '', tenant: '', at, code });
  return error;
}

async function account(pages: AccountPages, request: Request, response: Response): Promise<void> {
  const session = await findSession(pages.login, readCookie(request, LOGIN_COOKIE));
  // only the forms of who is logged in need a browser that is known: other visits write nothing
  const csrf = session === undefined ? '' : (await browserSession(pages, request, response)).csrf;
  const passkeys = pages.login.passkeys === undefined ? 'absent' : 'offered';
  response.type('html').send(accountPage(session, csrf, passkeys, pages.login.loginSettings.through));
}

async function refresh(pages: AccountPages, request: Request, response: Response): Promise<void> {
  await requireOwnForm({ rp: pages.login, publicUrl: pages.publicUrl }, request);
  const session = await findSession(pages.login, readCookie(request, LOGIN_COOKIE));
  if (session === undefined)
    throw new JitsuinError('login.none', 'Nobody is logged in in this browser: log in first.');
  await refreshLogin(pages.login, session);
  response.redirect(303, ACCOUNT_PATH);
}

/** Ends the sessions of this browser on our side; the cookies go with them. */
async function logout(pages: AccountPages, request: Request, response: Response): Promise<void> {
  await requireOwnForm({ rp: pages.login, publicUrl: pages.publicUrl }, request);
  for (const name of [LOGIN_COOKIE, SESSION_COOKIE]) {
    const session = await findSession(pages.login, readCookie(request, name));
    clearCookie(response, name);
    if (session === undefined) continue;
    await pages.login.sessions.delete(session.idHash);
    const subject = session.subjectHash ?? '';
    const at = pages.login.clock.now();
    await pages.login.audit.append({ event: 'session.ended', subject, tenant: '', at });
  }
  response.redirect(303, ACCOUNT_PATH);
}

async function browserSession(
  pages: AccountPages,
  request: Request,
  response: Response,
): Promise<BrowserSession> {
  const found = await findSession(pages.login, readCookie(request, BROWSER_COOKIE));
  if (found !== undefined) return found;
  const opened = await openBrowserSession(pages.login);
  setCookie(response, BROWSER_COOKIE, opened.cookie);
  return opened.session;
}
