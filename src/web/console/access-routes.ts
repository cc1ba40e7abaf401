import type { Express, Request, Response } from 'express';
import { formBody } from '../../http/body.ts';
import { beginEnrolment, finishEnrolment } from '../../staff/enrol.ts';
import { beginLogin, finishLogin } from '../../staff/login.ts';
import { findLoggedIn, logOut, type OpenedStaffSession } from '../../staff/sessions.ts';
import { readCookie } from '../cookies.ts';
import { enrolmentPage, invitationPage, loginPage } from './access-pages.ts';
import type { Console } from './console.ts';
import { CEREMONY_COOKIE, CONSOLE_COOKIE, clearConsoleCookie, setConsoleCookie } from './cookies.ts';
import { formFields, requireOwnOrigin, requireToken } from './own-form.ts';
import { LOGIN_PATH, shown } from './route.ts';

/** A WebAuthn answer with room to spare. */
const ANSWER_LIMIT = 65_536;

/** What is there before somebody is logged in: enrolment by invitation, login by passkey; and the way out. */
export function accessRoutes(app: Express, console: Console): void {
  const route =
    (act: (request: Request, response: Response) => Promise<void>) =>
    (request: Request, response: Response) =>
      shown(console, request, response, () => act(request, response));
  const ours = (act: (request: Request, response: Response) => Promise<void>) =>
    route(async (request, response) => {
      requireOwnOrigin(request, console.origin);
      await act(request, response);
    });
  const body = formBody(ANSWER_LIMIT);
  app.get(
    LOGIN_PATH,
    route((_request, response) => showLogin(console, response)),
  );
  app.post(
    LOGIN_PATH,
    body,
    ours((request, response) => login(console, request, response)),
  );
  app.get(
    '/console/enrol',
    route(async (_request, response) => void response.type('html').send(invitationPage())),
  );
  app.post(
    '/console/enrol',
    body,
    ours((request, response) => enrol(console, request, response)),
  );
  app.post(
    '/console/enrol/passkey',
    body,
    ours((request, response) => enrolled(console, request, response)),
  );
  app.post(
    '/console/logout',
    body,
    route((request, response) => logout(console, request, response)),
  );
}

async function showLogin(console: Console, response: Response): Promise<void> {
  const { options, ticket } = await beginLogin(console.ports);
  setConsoleCookie(response, CEREMONY_COOKIE, ticket);
  response.type('html').send(loginPage(options));
}

async function login(console: Console, request: Request, response: Response): Promise<void> {
  const ticket = readCookie(request, CEREMONY_COOKIE);
  clearConsoleCookie(response, CEREMONY_COOKIE);
  enter(response, await finishLogin(console.ports, ticket, formFields(request)['passkey'] ?? ''));
}

async function enrol(console: Console, request: Request, response: Response): Promise<void> {
  const { operator, options, ticket } = await beginEnrolment(
    console.ports,
    formFields(request)['code']?.trim(),
  );
  setConsoleCookie(response, CEREMONY_COOKIE, ticket);
  response.type('html').send(enrolmentPage(operator, options));
}

async function enrolled(console: Console, request: Request, response: Response): Promise<void> {
  const ticket = readCookie(request, CEREMONY_COOKIE);
  clearConsoleCookie(response, CEREMONY_COOKIE);
  enter(response, await finishEnrolment(console.ports, ticket, formFields(request)['passkey'] ?? ''));
}

function enter(response: Response, { cookie }: OpenedStaffSession): void {
  setConsoleCookie(response, CONSOLE_COOKIE, cookie);
  response.redirect(303, '/console');
}

async function logout(console: Console, request: Request, response: Response): Promise<void> {
  const loggedIn = await findLoggedIn(console.ports, readCookie(request, CONSOLE_COOKIE));
  if (loggedIn !== undefined) {
    requireToken(request, console.origin, loggedIn.session.csrf, formFields(request)['csrf']);
    await logOut(console.ports, loggedIn);
  }
  clearConsoleCookie(response, CONSOLE_COOKIE);
  response.redirect(303, LOGIN_PATH);
}
