import { defined } from './defined.ts';
import { type CallFacts, JitsuinProblem, JitsuinUnreachable, type ProblemFacts } from './errors.ts';
import { isProblemCode } from './generated/problem-codes.ts';
import type { PreparedRequest } from './request.ts';

/** A whole answer with a status from 200 to 299. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly octets: Uint8Array<ArrayBuffer>;
}

export interface Attempt {
  readonly request: PreparedRequest;
  readonly bearer: string;
  readonly millis: number;
  readonly signal: AbortSignal | undefined;
  readonly fetch: typeof fetch;
  readonly now: number;
  readonly facts: CallFacts;
}

/**
 * Sends once and reads the whole answer. Redirects are not followed: the credential goes to nobody else.
 * @throws JitsuinProblem, JitsuinUnreachable, or the reason of the caller's signal
 */
export async function attemptOnce(attempt: Attempt): Promise<Answer> {
  const { request, facts } = attempt;
  const { status, headers, octets } = await exchange(attempt).catch((thrown: unknown) => {
    if (attempt.signal?.aborted === true) throw attempt.signal.reason;
    const timedOut = thrown instanceof Error && thrown.name === 'TimeoutError';
    throw new JitsuinUnreachable(timedOut ? 'time' : 'network', facts, thrown);
  });
  if (status >= 200 && status <= 299) return { status, headers, octets };
  const told = problemFrom(status, headers, octets, attempt.now);
  throw new JitsuinProblem(told, { ...facts, operation: request.operation });
}

async function exchange({ request, bearer, millis, signal, fetch: send }: Attempt): Promise<Answer> {
  const limit = AbortSignal.timeout(millis);
  const response = await send(
    request.url,
    defined({
      method: request.method,
      headers: { ...request.headers, authorization: `Bearer ${bearer}` },
      body: request.body,
      redirect: 'manual',
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    }),
  );
  const octets = new Uint8Array(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, octets };
}

function problemFrom(
  status: number,
  headers: Headers,
  octets: Uint8Array<ArrayBuffer>,
  now: number,
): ProblemFacts {
  const told = headers.get('content-type')?.startsWith('application/problem+json') ? jsonObject(octets) : {};
  const { code, title, detail, instance, at } = told;
  const retryAfter = retryAfterSeconds(headers.get('retry-after'), now);
  return defined({
    status,
    code: isProblemCode(code) ? code : 'unknown',
    title: typeof title === 'string' ? title : `HTTP ${status}`,
    detail: typeof detail === 'string' ? detail : 'The answer is not a problem document of this API.',
    instance: typeof instance === 'string' ? instance : undefined,
    at: typeof at === 'string' ? at : undefined,
    retryAfter,
  });
}

function jsonObject(octets: Uint8Array<ArrayBuffer>): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(octets));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** Seconds from now: a number of seconds, or a date (RFC 9110 section 10.2.3). */
export function retryAfterSeconds(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}
