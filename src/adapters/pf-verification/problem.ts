import { ERROR_CODES, type ErrorCode, IN_WORK, JitsuinError, type UpstreamError } from '../../core/errors.ts';
import { type JsonValue, parseStrictJson } from '../../core/json/strict-json.ts';
import type { HttpResponse } from '../../ports/http-client.ts';

const decoder = new TextDecoder('utf-8');

/** What is about the submission keeps its code; all else becomes one of our codes for a peer. */
const ABOUT_THE_SUBMISSION = /^(?:jwe|xml|xmldsig|c14n|digest|base64|binding)\./;

/** The body as a JSON value, undefined when it is none. */
export function jsonOf(response: HttpResponse): JsonValue | undefined {
  return parseStrictJson(decoder.decode(response.body), 8);
}

/**
 * Problem document (RFC 9457) of the platform operator → our error. Its texts are not taken over, only status and code.
 * `sent` is how many octets the request's body had.
 */
export function processProblem(response: HttpResponse, asked: 'submit' | 'read', sent = 0): JitsuinError {
  const { status } = response;
  const code = codeOf(response);
  if (code === undefined) return answerOfAProxy(status, sent);
  const upstream: UpstreamError = { status, error: code };
  if (ABOUT_THE_SUBMISSION.test(code)) {
    return new JitsuinError(code, 'The platform operator refused the submission.', { upstream });
  }
  if (status === 429 || status >= 500 || IN_WORK.has(code)) {
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

/**
 * Every refusal of the operator's own has a code: this is somebody's between here and there. It says nothing about
 * the submission or the verification, which go on once it is mended.
 */
function answerOfAProxy(status: number, octets: number): JitsuinError {
  const said = `Something before the platform operator (a proxy) answered ${status} to a request of ${octets} octets`;
  const upstream: UpstreamError = { status, octets };
  if (status === 429 || status >= 500)
    return new JitsuinError('upstream.temporary', `${said}.`, { upstream });
  const advice =
    status === 413
      ? 'let it take as much as the operator does'
      : 'look at JITSUIN_PF_URL and at the way there';
  return new JitsuinError('upstream.operator', `${said}: ${advice}.`, { upstream });
}

function codeOf(response: HttpResponse): ErrorCode | undefined {
  const body = jsonOf(response);
  if (typeof body !== 'object' || body === null || !('code' in body)) return undefined;
  const { code } = body;
  return typeof code === 'string' && Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : undefined;
}
