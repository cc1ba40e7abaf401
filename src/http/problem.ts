import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { defined } from '../core/defined.ts';
import { ERROR_ADVICE_JA } from '../core/error-advice-ja.ts';
import { asJitsuinError, type ErrorKind, JitsuinError } from '../core/errors.ts';
import type { Log } from '../ports/log.ts';
import { correlationIdOf } from './request-context.ts';

/** Kind of failure → status and title of the problem document (RFC 9457). The one table for all roles. */
export const PROBLEMS: Readonly<Record<ErrorKind, { readonly status: number; readonly title: string }>> = {
  'bad-input': { status: 400, title: 'The request is not acceptable as it is' },
  unauthenticated: { status: 401, title: 'Authentication is required' },
  forbidden: { status: 403, title: 'Not allowed' },
  'wrong-method': { status: 405, title: 'The method is not offered here' },
  'not-found': { status: 404, title: 'Not found' },
  conflict: { status: 409, title: 'The current state does not allow it' },
  gone: { status: 410, title: 'Its time has run out' },
  'too-large': { status: 413, title: 'A limit was exceeded' },
  'unsupported-media': { status: 415, title: 'The media type is not supported' },
  unprocessable: { status: 422, title: 'Understood, but refused by a rule' },
  'invalid-signature': { status: 422, title: 'Proved to be invalid' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  citizen: { status: 422, title: 'Only the citizen can go on' },
  restart: { status: 409, title: 'The flow must begin anew' },
  operator: { status: 503, title: 'An operator must act' },
  temporary: { status: 503, title: 'Try again later' },
  undecided: { status: 503, title: 'Could not be decided now' },
  internal: { status: 500, title: 'Unexpected failure' },
};

/** The titles in Japanese, for who prefers it (RFC 9110 section 12.5.4). */
const TITLES_JA: Readonly<Record<ErrorKind, string>> = {
  'bad-input': '要求をこのままでは受け入れられません',
  unauthenticated: '認証が必要です',
  forbidden: '許されていません',
  'wrong-method': 'このメソッドはここでは使えません',
  'not-found': '見つかりません',
  conflict: 'いまの状態では許されません',
  gone: '時間が過ぎました',
  'too-large': '上限を超えました',
  'unsupported-media': '対応していないメディアタイプです',
  unprocessable: '理解しましたが、規則により拒みました',
  'invalid-signature': '誤りであると証明されました',
  'rate-limited': '要求が多すぎます',
  citizen: '続けられるのは国民だけです',
  restart: '始めからやり直す必要があります',
  operator: '運用者の対応が必要です',
  temporary: '後でもう一度試してください',
  undecided: 'いまは判定できませんでした',
  internal: '予期しない失敗です',
};

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly instance: string;
  readonly at?: string;
}

/**
 * Renders an error for the outside: the stable code and our own sentence; no stack, path, version or cause. In
 * Japanese what the code says of itself comes first, the sentence of this case in brackets.
 */
export function problemOf(error: JitsuinError, correlationId: string, language: 'en' | 'ja' = 'en'): Problem {
  const { status, title } = PROBLEMS[error.kind];
  return defined({
    type: `urn:jitsuin:problem:${error.code.replace('.', ':')}`,
    title: language === 'ja' ? TITLES_JA[error.kind] : title,
    status,
    detail: detailOf(error, language),
    code: error.code,
    instance: `urn:uuid:${correlationId}`,
    at: error.at,
  });
}

function detailOf({ kind, code, message }: JitsuinError, language: 'en' | 'ja'): string {
  if (language === 'en')
    return kind === 'internal' ? 'The failure was recorded under the id in "instance".' : message;
  if (kind === 'internal') return '失敗は「instance」の ID で記録されました。';
  const [wrong, action] = ERROR_ADVICE_JA[code];
  return `${wrong}${action}（${message}）`;
}

export function sendProblem(response: Response, error: JitsuinError): void {
  const language = response.req.acceptsLanguages('en', 'ja') === 'ja' ? 'ja' : 'en';
  const problem = problemOf(error, correlationIdOf(response), language);
  if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  if (language !== 'en') response.setHeader('Content-Language', language);
  sayWhenAgain(response, error);
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

const SOME_SECONDS = 30;

/** `Retry-After` with every 429 and 503, of pages too: browsers, crawlers and load balancers go by it. */
export function sayWhenAgain(response: Response, { kind, retryAfter }: JitsuinError): void {
  const { status } = PROBLEMS[kind];
  const seconds = status === 429 || status === 503 ? (retryAfter ?? SOME_SECONDS) : retryAfter;
  if (seconds !== undefined) response.setHeader('Retry-After', String(seconds));
}

/**
 * Any request that no route took: 405 with Allow where the path has other methods (RFC 9110 section 15.5.6), else
 * 404.
 */
export const notFound: RequestHandler = (request, response) => {
  const allowed = methodsOf(request);
  if (allowed.length > 0) {
    response.setHeader('Allow', allowed.join(', '));
    if (request.method === 'OPTIONS') {
      response.status(204).end();
      return;
    }
    sendProblem(
      response,
      new JitsuinError('http.method', `${request.method} is not offered here; ${allowed.join(', ')} is.`),
    );
    return;
  }
  sendProblem(response, new JitsuinError('http.not-found', 'No such resource.'));
};

/** The last handler: every error of a route ends here, once, as a problem document and one log line. */
export function problemHandler(log: Log): ErrorRequestHandler {
  return (thrown, request, response, _next) => {
    const error = asHttpError(thrown);
    const fields = {
      correlationId: correlationIdOf(response),
      code: error.code,
      method: request.method,
      status: PROBLEMS[error.kind].status,
    };
    if (error.kind === 'internal') log.error('http.failure', fields);
    else log.warn('http.refused', fields);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    sendProblem(response, error);
  };
}

/** Failures of Express and its parsers carry `status` and `type`; they are the caller's, not ours. */
export function asHttpError(thrown: unknown): JitsuinError {
  if (
    thrown instanceof Error &&
    'status' in thrown &&
    typeof thrown.status === 'number' &&
    thrown.status < 500
  ) {
    if ('type' in thrown && thrown.type === 'parameters.too.many')
      return new JitsuinError('http.body', 'The form has too many parameters.');
    if (thrown.status === 413) return new JitsuinError('http.body-size', tooLarge(thrown));
    if (thrown.status === 415)
      return new JitsuinError('http.media-type', 'The content encoding is not supported.');
    return new JitsuinError('http.body', 'The request could not be read.');
  }
  return asJitsuinError(thrown);
}

/** The parsers say which limit it was. */
function tooLarge(thrown: object): string {
  const limit = 'limit' in thrown && typeof thrown.limit === 'number' ? ` than ${thrown.limit} octets` : '';
  return limit === '' ? 'The request body is too large.' : `The request body is larger${limit}.`;
}

/** Methods that the routes of this path take; OPTIONS is answered for each of them. */
function methodsOf(request: Request): readonly string[] {
  const found = new Set<string>();
  for (const layer of request.app.router.stack) {
    if (layer.route === undefined || !matches(layer, request.path)) continue;
    for (const { method } of layer.route.stack) if (method) found.add(method.toUpperCase());
  }
  if (found.has('GET')) found.add('HEAD');
  if (found.size > 0) found.add('OPTIONS');
  return [...found].sort();
}

/** Express types its layers without the function by which the router itself asks them. */
function matches(layer: object, path: string): boolean {
  return 'match' in layer && typeof layer.match === 'function' && Boolean(layer.match(path));
}
