import express, { type Request, type RequestHandler, type Response } from 'express';
import { JitsuinError } from '../core/errors.ts';

/** How long a refused sender may go on. */
const LINGER_MILLIS = 2_000;

/**
 * Reads the whole body as octets, up to `limit` octets, for the given media types only. Compressed bodies are refused
 * (415): nothing is inflated before its size is known.
 * @param more media types that were read before, whose body is left as it is; the variable that sets the limit
 */
export function octetsBody(
  limit: number,
  mediaTypes: readonly string[],
  more: { readonly read?: readonly string[]; readonly variable?: string } = {},
): RequestHandler {
  const { read = [] } = more;
  const reading = ofType(
    mediaTypes,
    limit,
    express.raw({ limit, type: [...mediaTypes], inflate: false }),
    more,
  );
  return (request, response, next) =>
    read.length > 0 && request.body instanceof Uint8Array ? next() : reading(request, response, next);
}

/** The octets read by `octetsBody`; an absent body is empty octets. */
export function bodyOctets(request: Request): Uint8Array {
  return request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
}

/** Reads a JSON body (objects and arrays only) up to `limit` octets. */
export function jsonBody(limit: number): RequestHandler {
  return ofType(['application/json'], limit, express.json({ limit, strict: true, inflate: false }));
}

/** Reads a form body up to `limit` octets; members are strings or lists. */
export function formBody(limit: number): RequestHandler {
  const read = express.urlencoded({ limit, extended: false, inflate: false, parameterLimit: 20 });
  return ofType(['application/x-www-form-urlencoded'], limit, read);
}

/**
 * Refuses a body that says it is longer than `limit` before any of it is read: the parser would first wait for it
 * to come.
 * @throws JitsuinError `http.body-size`
 */
export function refuseDeclaredLength(
  request: Request,
  response: Response,
  limit: number,
  variable?: string,
): void {
  if (Number(request.get('Content-Length') ?? 0) <= limit) return;
  lingerAfter(request, response, limit);
  throw new JitsuinError(
    'http.body-size',
    `The request body is larger than ${limit} octets${variable === undefined ? '' : ` (${variable})`}.`,
    {
      at: 'Content-Length',
    },
  );
}

/**
 * Takes for a moment what still comes, and then ends the connection (RFC 9112 section 9.6). A connection that is
 * closed under a sender takes the answer with it: a proxy in front would make 502 of our 413.
 */
function lingerAfter(request: Request, response: Response, most: number): void {
  response.once('finish', () => {
    const { socket } = request;
    const cut = setTimeout(() => socket.destroy(), LINGER_MILLIS);
    let taken = 0;
    request.on('data', (chunk: Buffer) => {
      taken += chunk.length;
      if (taken > most) socket.destroy();
    });
    socket.once('close', () => clearTimeout(cut));
  });
}

function ofType(
  mediaTypes: readonly string[],
  limit: number,
  read: RequestHandler,
  { read: also = [], variable }: { readonly read?: readonly string[]; readonly variable?: string } = {},
): RequestHandler {
  return (request, response, next) => {
    refuseDeclaredLength(request, response, limit, variable);
    if (request.is([...mediaTypes]) === false) {
      throw new JitsuinError(
        'http.media-type',
        `Content-Type must be ${[...mediaTypes, ...also].join(' or ')}.`,
        {
          at: 'Content-Type',
        },
      );
    }
    return read(request, response, next);
  };
}
