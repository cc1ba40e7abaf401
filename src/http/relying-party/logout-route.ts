import type { Express, Request, RequestHandler, Response } from 'express';
import { createAllowance } from '../../core/allowance.ts';
import { asJitsuinError } from '../../core/errors.ts';
import { MINUTE_MILLIS } from '../../core/spans.ts';
import type { Log } from '../../ports/log.ts';
import { backChannelLogout, type LogoutPorts } from '../../rp/back-channel-logout.ts';
import { formBody } from '../body.ts';
import { asHttpError, problemOf } from '../problem.ts';
import { correlationIdOf } from '../request-context.ts';

const SERVICE_PATH = '/backchannel-logout';
const BODY_LIMIT = 64 * 1024;
/** Refused posts are anybody's: the log has each of them, the audit log so many a minute. */
const refusals = createAllowance(60, MINUTE_MILLIS);

/** `POST /backchannel-logout` (guideline, logout トークンの検証): 200 when done or seen before, 400 for every refusal. */
export function logoutRoute(app: Express, ports: LogoutPorts, log: Log, path = SERVICE_PATH): void {
  app.post(path, logoutForm(ports, log), async (request: Request, response: Response) => {
    const body: unknown = request.body;
    const token =
      typeof body === 'object' && body !== null && 'logout_token' in body ? body.logout_token : undefined;
    try {
      const { kind, sessions, cancelled } = await backChannelLogout(ports, token);
      log.info(kind === 'done' ? 'logout.done' : 'logout.replayed', { count: sessions + cancelled });
      response.status(200).end();
    } catch (thrown) {
      await refuse(ports, log, response, thrown);
    }
  });
}

/** Another media type or an unreadable form is refused like a wrong token: 400; only a body beyond the limit is 413. */
function logoutForm(ports: LogoutPorts, log: Log): RequestHandler {
  const read = formBody(BODY_LIMIT);
  return async (request, response, next) => {
    try {
      await new Promise<void>((resolve, reject) => {
        read(request, response, (failure?: unknown) => (failure === undefined ? resolve() : reject(failure)));
      });
    } catch (thrown) {
      const error = asHttpError(thrown);
      if (error.kind === 'too-large') next(error);
      else await refuse(ports, log, response, error);
      return;
    }
    next();
  };
}

async function refuse(ports: LogoutPorts, log: Log, response: Response, thrown: unknown): Promise<void> {
  const error = asJitsuinError(thrown);
  const correlationId = correlationIdOf(response);
  log.warn('logout.refused', { code: error.code, correlationId });
  const at = ports.clock.now();
  if (refusals.take(at)) {
    const { code } = error;
    await ports.audit.append({ event: 'session.logout-refused', subject: '', tenant: '', at, code });
  }
  const problem = { ...problemOf(error, correlationId), status: 400 };
  response.status(400).type('application/problem+json').send(JSON.stringify(problem));
}
