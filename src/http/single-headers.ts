import type { RequestHandler } from 'express';
import { JitsuinError } from '../core/errors.ts';

/**
 * Headers that say one thing: two of them would be read in two ways by whoever stands before us and by us (RFC 9112
 * section 3.2).
 */
const SINGLE: ReadonlySet<string> = new Set([
  'host',
  'authorization',
  'content-type',
  'content-length',
  'origin',
]);

/** Refuses a request with two headers of a kind of which there is one. @throws JitsuinError `http.body` */
export const singleHeaders: RequestHandler = (request, _response, next) => {
  const seen = new Set<string>();
  const { rawHeaders } = request;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    if (!SINGLE.has(name)) continue;
    if (seen.has(name)) throw new JitsuinError('http.body', 'A header stands twice.', { at: name });
    seen.add(name);
  }
  next();
};
