import type { Express, Request, RequestHandler, Response } from 'express';
import { asJitsuinError, JitsuinError } from '../../core/errors.ts';
import { formBody } from '../../http/body.ts';
import { asHttpError, PROBLEMS, sayWhenAgain } from '../../http/problem.ts';
import { correlationIdOf } from '../../http/request-context.ts';
import { requireRight } from '../../staff/permissions.ts';
import { findLoggedIn, type LoggedIn } from '../../staff/sessions.ts';
import { readCookie } from '../cookies.ts';
import { html } from '../html.ts';
import { notice } from '../parts.ts';
import { type UploadedForm, uploadBody, uploadedForm } from '../upload.ts';
import type { Console, ConsoleRequest, ConsoleRoute } from './console.ts';
import { CONSOLE_COOKIE } from './cookies.ts';
import { consolePage, outerPage } from './layout.ts';
import { consoleMessage } from './messages.ts';
import { formFields, requireToken } from './own-form.ts';

const FORM_LIMIT = 65_536;
export const LOGIN_PATH = '/console/login';

/**
 * Puts a route behind login, right and, for a post, the session's token; a browser that is not logged in is sent to
 * the login page before anything of the request is read.
 */
export function guardedRoute(app: Express, console: Console, route: ConsoleRoute): void {
  const guard: RequestHandler = async (request, response, next) => {
    await shown(console, request, response, async () => {
      const loggedIn = await findLoggedIn(console.ports, readCookie(request, CONSOLE_COOKIE));
      if (loggedIn === undefined) {
        response.redirect(303, LOGIN_PATH);
        return;
      }
      response.locals['loggedIn'] = loggedIn;
      requireRight(loggedIn.operator, route.act);
      next();
    });
  };
  const handle: RequestHandler = (request, response) =>
    shown(console, request, response, async () => {
      const asked = askedOf(console, request, response);
      if (asked === undefined) throw new JitsuinError('operator.session', 'Nobody is logged in.');
      if (route.method === 'get') return route.handle(asked);
      const form = await formOf(request, route);
      requireToken(request, console.origin, asked.session.csrf, form.fields['csrf']);
      return route.handle({ ...asked, form });
    });
  if (route.method === 'get') app.get(route.path, guard, handle);
  else if (route.upload === undefined) app.post(route.path, guard, formBody(FORM_LIMIT), handle);
  else app.post(route.path, guard, uploadBody(route.upload), handle);
}

async function formOf(request: Request, route: ConsoleRoute): Promise<UploadedForm> {
  return route.upload === undefined ? { fields: formFields(request) } : uploadedForm(request);
}

function askedOf(console: Console, request: Request, response: Response): ConsoleRequest | undefined {
  const loggedIn: unknown = response.locals['loggedIn'];
  if (typeof loggedIn !== 'object' || loggedIn === null) return undefined;
  // put there by the guard of this very request
  return { console, request, response, form: { fields: {} }, ...(loggedIn as LoggedIn) };
}

/** Errors become a page with the stable code, and one log line. */
export async function shown(
  console: Console,
  request: Request,
  response: Response,
  act: () => Promise<void>,
): Promise<void> {
  try {
    await act();
  } catch (thrown) {
    showError(console, request, response, thrown);
  }
}

function showError(console: Console, request: Request, response: Response, thrown: unknown): void {
  const error = asHttpError(thrown);
  const { code, kind } = asJitsuinError(error);
  const { status } = PROBLEMS[kind];
  const correlationId = correlationIdOf(response);
  const fields = { correlationId, code, method: request.method, status };
  if (kind === 'internal') console.log.error('console.failure', fields);
  else console.log.warn('console.refused', fields);
  sayWhenAgain(response, asJitsuinError(error));
  const title = { ja: '操作できませんでした', en: 'This could not be done' };
  const said = { id: 'error', role: 'alert', 'data-code': code };
  const content = html`${notice('care', consoleMessage(code, kind), said)}
<p><a class="button secondary" href="/console">はじめの画面へ<span lang="en">Back to the start</span></a></p>
<p class="reference">お問い合わせ番号<span lang="en">Reference</span><code>${code} ${correlationId}</code></p>`;
  const asked = askedOf(console, request, response);
  const page = asked === undefined ? outerPage(title, content) : consolePage(asked, title, content);
  response.status(status).type('html').send(page);
}
