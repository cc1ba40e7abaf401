import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { asJitsuinError, type ErrorCode, type JitsuinError } from '../../core/errors.ts';
import { failureOf } from '../../core/sign-transaction/failure.ts';
import { asHttpError, PROBLEMS, sayWhenAgain } from '../../http/problem.ts';
import { applicationIdOf } from '../../http/relying-party/find-application.ts';
import { correlationIdOf } from '../../http/request-context.ts';
import type { Log } from '../../ports/log.ts';
import { readBy, readerOf } from '../language/reader.ts';
import { errorPage } from './error-page.ts';

/** A route that a citizen's browser uses: errors become a page with the stable code, and one log line. */
export function browserRoute(
  log: Log,
  handler: (request: Request, response: Response) => Promise<void>,
): RequestHandler {
  return async (request, response) => {
    try {
      await handler(request, response);
    } catch (thrown) {
      sendErrorPage(log, asJitsuinError(thrown), request, response);
    }
  };
}

/** The same for the citizen's own pages, which are in the language that the reader chose. */
export function citizenRoute(
  log: Log,
  handler: (request: Request, response: Response) => Promise<void>,
): RequestHandler {
  const route = browserRoute(log, handler);
  return (request, response, next) =>
    readBy(readerOf(request, response), () => route(request, response, next));
}

/** The same for what happens before a route: a body that is too large or of another kind. For `app.use(path, …)`. */
export function browserErrors(log: Log): ErrorRequestHandler {
  return (thrown, request, response, next) => {
    if (response.headersSent) next(thrown);
    else
      readBy(readerOf(request, response), () => sendErrorPage(log, asHttpError(thrown), request, response));
  };
}

function sendErrorPage(log: Log, error: JitsuinError, request: Request, response: Response): void {
  const { status } = PROBLEMS[error.kind];
  const correlationId = correlationIdOf(response);
  const fields = { correlationId, code: error.code, method: request.method, status };
  if (error.kind === 'internal') log.error('page.failure', fields);
  else log.warn('page.refused', fields);
  sayWhenAgain(response, error);
  response
    .status(status)
    .type('html')
    .send(errorPage(failureOf(error), correlationId, backOf(request, error.code)));
}

/** The signing page of the application would say the same again. */
const NOT_HERE: ReadonlySet<ErrorCode> = new Set([
  'transaction.hand-over',
  'transaction.other-browser',
  'http.cookie',
]);

/** Where the citizen can try again: the signing page of the application in the path, if there is one. */
function backOf(request: Request, code: ErrorCode): string | undefined {
  if (NOT_HERE.has(code)) return undefined;
  const id = applicationIdOf(request);
  return id === undefined ? undefined : `/applications/${id}/sign`;
}
