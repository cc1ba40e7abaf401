import type { RequestHandler, Response } from 'express';
import { correlationIdOfTrace } from '../core/trace.ts';
import type { Random } from '../ports/random.ts';

const CORRELATION_ID = /^[0-9a-fA-F-]{36}$/;

/**
 * Gives every request a correlation id (UUID): the caller's own `X-Request-Id` when it has that form, else the
 * trace that it brings (`traceparent`), so that both are one trace, else a new one.
 */
export function requestContext(random: Random): RequestHandler {
  return (request, response, next) => {
    const given = request.get('X-Request-Id');
    const id =
      given !== undefined && CORRELATION_ID.test(given)
        ? given.toLowerCase()
        : (correlationIdOfTrace(request.get('traceparent')) ?? random.id());
    response.locals['correlationId'] = id;
    response.setHeader('X-Request-Id', id);
    next();
  };
}

export function correlationIdOf(response: Response): string {
  return String(response.locals['correlationId'] ?? '00000000-0000-0000-0000-000000000000');
}
