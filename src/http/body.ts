import express, { type Request, type RequestHandler } from 'express';
import { JitsuinError } from '../core/errors.ts';

/**
 * Reads the whole body as octets, up to `limit` octets, for the given media types only. Compressed bodies are refused
 * (415): nothing is inflated before its size is known.
 */
export function octetsBody(limit: number, mediaTypes: readonly string[]): RequestHandler {
  return ofType(mediaTypes, express.raw({ limit, type: [...mediaTypes], inflate: false }));
}

/** The octets read by `octetsBody`; an absent body is empty octets. */
export function bodyOctets(request: Request): Uint8Array {
  return request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
}

/** Reads a JSON body (objects and arrays only) up to `limit` octets. */
export function jsonBody(limit: number): RequestHandler {
  return ofType(['application/json'], express.json({ limit, strict: true, inflate: false }));
}

/** Reads a form body up to `limit` octets; members are strings or lists. */
export function formBody(limit: number): RequestHandler {
  const read = express.urlencoded({ limit, extended: false, inflate: false, parameterLimit: 20 });
  return ofType(['application/x-www-form-urlencoded'], read);
}

function ofType(mediaTypes: readonly string[], read: RequestHandler): RequestHandler {
  return (request, response, next) => {
    if (request.is([...mediaTypes]) === false) {
      throw new JitsuinError('http.media-type', `Content-Type must be ${mediaTypes.join(' or ')}.`, {
        at: 'Content-Type',
      });
    }
    return read(request, response, next);
  };
}
