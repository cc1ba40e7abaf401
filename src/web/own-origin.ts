import type { Request } from 'express';

/** Whether a form was sent by a page of `own`: by `Origin` or, where a browser leaves it out, by `Sec-Fetch-Site`. */
export function isOwnOrigin(request: Request, own: string): boolean {
  const origin = request.get('Origin');
  if (origin !== undefined && origin !== 'null') return origin === own;
  return request.get('Sec-Fetch-Site') === 'same-origin';
}
