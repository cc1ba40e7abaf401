import type { Request } from 'express';
import { equalTexts } from '../../core/digest/sha256.ts';
import { JitsuinError } from '../../core/errors.ts';
import { isOwnOrigin } from '../own-origin.ts';

/**
 * A form counts only when it comes from our own origin and carries the session's token.
 * @throws JitsuinError `http.origin`
 */
export function requireToken(request: Request, origin: string, expected: string, given: unknown): void {
  requireOwnOrigin(request, origin);
  if (typeof given === 'string' && equalTexts(given, expected)) return;
  throw notOurs();
}

/**
 * Before a login there is no session: then the origin and the ceremony's sealed cookie must do. @throws
 * JitsuinError `http.origin`
 */
export function requireOwnOrigin(request: Request, origin: string): void {
  if (!isOwnOrigin(request, origin)) throw notOurs();
}

/** The fields of a form body; one that was sent twice is not there. */
export function formFields(request: Request): Readonly<Record<string, string>> {
  const body: unknown = request.body;
  if (typeof body !== 'object' || body === null) return {};
  const fields = Object.entries(body).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(fields);
}

function notOurs(): JitsuinError {
  return new JitsuinError('http.origin', 'The form was not sent from our own page.');
}
