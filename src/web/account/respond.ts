import type { Response } from 'express';
import { ERROR_CODES } from '../../core/errors.ts';
import type { Failure } from '../../core/sign-transaction/events.ts';
import { needsOperator } from '../../core/sign-transaction/failure.ts';
import { PROBLEMS } from '../../http/problem.ts';
import { correlationIdOf } from '../../http/request-context.ts';
import type { Log } from '../../ports/log.ts';
import type { LoginResult } from '../../rp/login.ts';
import { loginEndedPage, loginPendingPage } from './pages.ts';

const REFRESH_SECONDS = 1;

/** What the browser gets after a callback of a login. */
export function showResult(log: Log, response: Response, { outcome, returnTo }: LoginResult): void {
  switch (outcome.kind) {
    case 'done':
      response.redirect(303, returnTo);
      return;
    case 'claimed':
      response.setHeader('Refresh', String(REFRESH_SECONDS));
      response.type('html').send(loginPendingPage());
      return;
    case 'failed':
      showFailure(log, response, outcome.failure);
  }
}

/**
 * A page with the sentence for the citizen, and one log line with code and row; an error, for the alarm, where only
 * an operator can heal it.
 */
export function showFailure(log: Log, response: Response, failure: Failure): void {
  const { status } = PROBLEMS[ERROR_CODES[failure.code]];
  const fields = { ...failure, status, correlationId: correlationIdOf(response) };
  if (needsOperator(failure)) log.error('login.refused', fields);
  else log.warn('login.refused', fields);
  response.status(status).type('html').send(loginEndedPage(failure));
}
