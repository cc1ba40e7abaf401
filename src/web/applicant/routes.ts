import type { Express, Request, Response } from 'express';
import { asJitsuinError } from '../../core/errors.ts';
import type { Application } from '../../core/sign-transaction/application.ts';
import { canStartAgain } from '../../core/sign-transaction/way-on.ts';
import { routePath } from '../../http/base-path.ts';
import { formBody } from '../../http/body.ts';
import { joinTrace } from '../../http/observe.ts';
import { handleCallback } from '../../rp/callback.ts';
import { cancelApplication } from '../../rp/cancel.ts';
import { raiseByCard } from '../../rp/passkey-login.ts';
import { findSession, hashOfCookie, openLoginSession } from '../../rp/sessions.ts';
import { renewSignLink } from '../../rp/sign-link.ts';
import { startAgain } from '../../rp/start-again.ts';
import { BROWSER_COOKIE, LOGIN_COOKIE, readCookie, SESSION_COOKIE, setCookie } from '../cookies.ts';
import { leadTo } from '../leave-page.ts';
import { browserErrors, citizenRoute } from './browser-route.ts';
import { browserSessionOf } from './browser-session.ts';
import { completionPage } from './completion-page.ts';
import { confirmationPage } from './confirmation-page.ts';
import { documentRoutes } from './document-routes.ts';
import { documentSection, shownForm } from './document-section.ts';
import { requireOwnForm } from './own-form.ts';
import type { ApplicantPages } from './pages.ts';
import { openByButton, openByLink, ownApplicationOf } from './sign-link.ts';
import { showPlace, signOrWait } from './sign-or-wait.ts';
import { wayBackPage } from './way-back-page.ts';

const FORM_LIMIT = 4096;

/** The citizen's pages and the callback: [02], [08] to [12], [20]. */
export function applicantRoutes(app: Express, pages: ApplicantPages): void {
  const route = (handler: (request: Request, response: Response) => Promise<void>) =>
    citizenRoute(pages.log, handler);
  app.get(
    '/applications/:id/sign',
    route((request, response) => {
      const { hand_over: signLink } = request.query;
      return typeof signLink === 'string'
        ? openByLink(pages, request, response, signLink)
        : showConfirmation(pages, request, response);
    }),
  );
  app.post(
    '/applications/:id/open',
    formBody(FORM_LIMIT),
    route((request, response) => openByButton(pages, request, response)),
  );
  app.post(
    '/applications/:id/sign',
    formBody(FORM_LIMIT),
    route((request, response) => send(pages, request, response)),
  );
  app.get(
    '/applications/:id/wait',
    route((request, response) => showPlace(pages, request, response)),
  );
  app.post(
    '/applications/:id/cancel',
    formBody(FORM_LIMIT),
    route((request, response) => cancel(pages, request, response)),
  );
  app.post(
    '/applications/:id/again',
    formBody(FORM_LIMIT),
    route((request, response) => again(pages, request, response)),
  );
  app.post(
    '/applications/:id/way-back',
    formBody(FORM_LIMIT),
    route((request, response) => makeWayBack(pages, request, response)),
  );
  app.get(
    routePath(pages.rp.settings.redirectUri, pages.publicUrl),
    route((request, response) => callback(pages, request, response)),
  );
  app.get(
    '/applications/:id/complete',
    route((request, response) => complete(pages, request, response)),
  );
  documentRoutes(app, pages);
  app.use('/applications', browserErrors(pages.log));
}

async function showConfirmation(pages: ApplicantPages, request: Request, response: Response): Promise<void> {
  const application = await ownApplicationOf(pages, request, 'whole');
  if (!['received', 'opened', 'authorizing'].includes(application.state)) {
    response.redirect(303, `/applications/${application.id}/complete`);
    return;
  }
  const login = await findSession(pages.rp, readCookie(request, LOGIN_COOKIE));
  if (login === undefined && sendToLogin(pages, application, response)) return;
  const { csrf } = await browserSessionOf(pages.rp, request, response);
  const document = documentSection(application, await shownForm(pages.rp, application, 'beside'));
  response.type('html').send(confirmationPage(application, csrf, { document, login }));
}

/** Where only who is logged in may sign: first the login (which may go on to another site), which leads back here. */
function sendToLogin(pages: ApplicantPages, { id }: Application, response: Response): boolean {
  if (pages.rp.settings.signer.login === 'optional') return false;
  const back = encodeURIComponent(`/applications/${id}/sign`);
  leadTo(response, `${pages.loginPath}?return_to=${back}`);
  return true;
}

/**
 * The same document signed anew, after an end without a signature; the button's page was shown to this very
 * browser.
 */
async function again(pages: ApplicantPages, request: Request, response: Response): Promise<void> {
  await requireOwnForm(pages, request);
  const { id } = await startAgain(pages.rp, await ownApplicationOf(pages, request));
  response.redirect(303, `/applications/${id}/sign`);
}

/** A link for after the visit to the office; who opens it still has to be the person who was authenticated here. */
async function makeWayBack(pages: ApplicantPages, request: Request, response: Response): Promise<void> {
  await requireOwnForm(pages, request);
  const application = await ownApplicationOf(pages, request);
  response.type('html').send(wayBackPage(await renewSignLink(pages.rp, application), pages.publicUrl));
}

async function send(pages: ApplicantPages, request: Request, response: Response): Promise<void> {
  const { idHash } = await requireOwnForm(pages, request);
  const login = await findSession(pages.rp, readCookie(request, LOGIN_COOKIE));
  const needsLogin = login === undefined && pages.rp.settings.signer.login !== 'optional';
  if (needsLogin && sendToLogin(pages, await ownApplicationOf(pages, request), response)) return;
  await signOrWait(pages, { idHash, loginHash: login?.idHash }, request, response);
}

async function cancel(pages: ApplicantPages, request: Request, response: Response): Promise<void> {
  await requireOwnForm(pages, request);
  const application = await ownApplicationOf(pages, request);
  await cancelApplication(pages.rp, application, 'citizen');
  response.redirect(303, `/applications/${application.id}/complete`);
}

async function callback(pages: ApplicantPages, request: Request, response: Response): Promise<void> {
  const query = new URL(request.originalUrl, pages.publicUrl).searchParams;
  const browser = hashOfCookie(readCookie(request, BROWSER_COOKIE));
  const { application, login } = await handleCallback(pages.rp, query, browser).catch((thrown: unknown) =>
    recordRefusal(pages, thrown),
  );
  joinTrace(request, application.correlationId);
  if (login !== undefined) {
    const opened = await openLoginSession(pages.rp, login, readCookie(request, SESSION_COOKIE));
    setCookie(response, SESSION_COOKIE, opened.cookie);
    const cookie = readCookie(request, LOGIN_COOKIE);
    const raised = await raiseByCard(
      pages.rp,
      await findSession(pages.rp, cookie),
      login.subjectHash,
      cookie,
    );
    if (raised !== undefined) setCookie(response, LOGIN_COOKIE, raised.cookie);
  }
  response.redirect(303, `/applications/${application.id}/complete`);
}

async function recordRefusal(pages: ApplicantPages, thrown: unknown): Promise<never> {
  const { code, kind } = asJitsuinError(thrown);
  if (kind !== 'internal' && kind !== 'temporary') {
    const at = pages.rp.clock.now();
    await pages.rp.audit.append({ event: 'callback.refused', subject: '', tenant: '', at, code });
  }
  throw thrown;
}

async function complete(pages: ApplicantPages, request: Request, response: Response): Promise<void> {
  const application = await ownApplicationOf(pages, request);
  const session = await findSession(pages.rp, readCookie(request, SESSION_COOKIE));
  const { subjectHash } = application;
  const loggedIn = subjectHash === undefined || session?.subjectHash === subjectHash;
  const detail = application.secrets?.browserHash !== undefined && loggedIn ? 'full' : 'state';
  const offered = canStartAgain(application)
    ? { again: (await browserSessionOf(pages.rp, request, response)).csrf }
    : {};
  response.type('html').send(completionPage(application, detail, offered));
}
