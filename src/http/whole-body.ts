import type { Request, RequestHandler } from 'express';
import { JitsuinError } from '../core/errors.ts';
import { refuseDeclaredLength } from './body.ts';

/**
 * Reads a body of one of these media types into the one place where it stays: what comes is copied once, and the parts
 * of it are views. At most `limit` octets, compressed bodies are refused.
 * @throws JitsuinError `http.body-size`, `http.media-type`
 */
export function wholeBody(limit: number, mediaTypes: readonly string[]): RequestHandler {
  return async (request, response, next) => {
    if (request.is([...mediaTypes]) === false) return next();
    refuseDeclaredLength(request, response, limit);
    if ((request.get('Content-Encoding') ?? 'identity') !== 'identity')
      throw new JitsuinError('http.media-type', 'Send the body as it is, not compressed.', {
        at: 'Content-Encoding',
      });
    const declared = request.get('Content-Length');
    const place = Buffer.allocUnsafe(declared === undefined ? limit : Number(declared));
    request.body = place.subarray(0, await fill(place, request, limit));
    return next();
  };
}

async function fill(place: Buffer, request: Request, limit: number): Promise<number> {
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (length + chunk.length > place.length)
      throw new JitsuinError('http.body-size', `The request body is larger than ${limit} octets.`);
    length += chunk.copy(place, length);
  }
  return length;
}
