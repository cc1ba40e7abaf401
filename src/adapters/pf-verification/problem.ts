import { ERROR_CODES, type ErrorCode, JitsuinError, type UpstreamError } from '../../core/errors.ts';
import { type JsonValue, parseStrictJson } from '../../core/json/strict-json.ts';
import type { HttpResponse } from '../../ports/http-client.ts';

const decoder = new TextDecoder('utf-8');

/** What is about the submission keeps its code; all else becomes one of our codes for a peer. */
const ABOUT_THE_SUBMISSION = /^(?:jwe|xml|xmldsig|c14n|digest|base64|binding)\./;

/** The body as a JSON value, undefined when it is none. */
export function jsonOf(response: HttpResponse): JsonValue | undefined {
  return parseStrictJson(decoder.decode(response.body), 8);
}

/** Problem document (RFC 9457) of the platform operator → our error. Its texts are not taken over, only status and code. */
export function processProblem(response: HttpResponse, asked: 'submit' | 'read'): JitsuinError {
  const { status } = response;
  const code = codeOf(response);
  const upstream: UpstreamError = code === undefined ? { status } : { status, error: code };
  if (code !== undefined && ABOUT_THE_SUBMISSION.test(code)) {
    return new JitsuinError(code, 'The platform operator refused the submission.', { upstream });
  }
  if (status === 429 || status >= 500 || code === 'idempotency.running') {
    return new JitsuinError('upstream.temporary', 'The platform operator cannot answer now.', { upstream });
  }
  if (status === 404 && asked === 'read') {
    return new JitsuinError('upstream.final', 'The platform operator does not know the verification.', {
      upstream,
    });
  }
  return new JitsuinError(
    'upstream.operator',
    'The platform operator does not accept us as we are configured.',
    {
      upstream,
    },
  );
}

function codeOf(response: HttpResponse): ErrorCode | undefined {
  const body = jsonOf(response);
  if (typeof body !== 'object' || body === null || !('code' in body)) return undefined;
  const { code } = body;
  return typeof code === 'string' && Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : undefined;
}
