import type { RequestHandler } from 'express';
import { JitsuinError } from '../core/errors.ts';

/** A stranger's body must have come by then; who sends more slowly gives the slot up. */
const BODY_MILLIS = 10_000;
const WAIT_SECONDS = 5;

/**
 * Strangers may not take the whole process: so many requests at once, each with its slot before any of its body is
 * read. A slot is given back when the answer was sent or the connection ended.
 * @throws JitsuinError `http.rate` where there is none
 */
export function concurrencyLimit(most: number): RequestHandler {
  let taken = 0;
  return (request, response, next) => {
    if (taken >= most) {
      response.setHeader('Connection', 'close');
      throw new JitsuinError('http.rate', 'Too many documents at once.', { retryAfter: WAIT_SECONDS });
    }
    taken += 1;
    const slow = setTimeout(() => {
      if (!request.complete) request.destroy();
    }, BODY_MILLIS);
    response.once('close', () => {
      clearTimeout(slow);
      taken -= 1;
    });
    next();
  };
}
