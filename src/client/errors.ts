import { type ProblemCode, RETRY_CODES } from './generated/problem-codes.ts';

export type { ProblemCode };

/** What every error of this client tells about the call that failed. */
export interface CallFacts {
  /** operationId of the OpenAPI document. */
  readonly operation: string;
  /** Times that the request was sent. */
  readonly attempts: number;
  /** To go on later with the same request: give it as `idempotencyKey` again. */
  readonly idempotencyKey?: string;
}

/** A problem document (RFC 9457). `unknown` as its code: the answer was none of this API (a proxy's, perhaps). */
export interface ProblemFacts {
  readonly status: number;
  readonly code: ProblemCode | 'unknown';
  readonly title: string;
  readonly detail: string;
  /** `urn:uuid:` and the id under which the failure stands in the server's log. */
  readonly instance?: string;
  /** Where in the request: a parameter, a header, a JSON pointer. */
  readonly at?: string;
  /** Seconds, from Retry-After. */
  readonly retryAfter?: number;
}

/** The server refused. `code` is stable: switch on it, not on texts. */
export class JitsuinProblem extends Error {
  override readonly name = 'JitsuinProblem';
  readonly problem: ProblemFacts;
  readonly call: CallFacts;

  constructor(problem: ProblemFacts, call: CallFacts) {
    super(`${call.operation}: ${problem.status} ${problem.code}: ${problem.detail}`);
    this.problem = problem;
    this.call = call;
  }

  get code(): ProblemCode | 'unknown' {
    return this.problem.code;
  }

  get status(): number {
    return this.problem.status;
  }

  /** Whether the same request may succeed later. */
  get retryable(): boolean {
    const { code, status } = this.problem;
    return code === 'unknown' ? [429, 502, 503, 504].includes(status) : RETRY_CODES.has(code);
  }
}

/** No answer came: the network failed, or the time ran out. What became of the request is not known. */
export class JitsuinUnreachable extends Error {
  override readonly name = 'JitsuinUnreachable';
  readonly reason: 'network' | 'time';
  readonly call: CallFacts;

  constructor(reason: 'network' | 'time', call: CallFacts, cause: unknown) {
    super(
      `${call.operation}: ${reason === 'time' ? 'no answer in time' : 'the server could not be reached'}`,
      {
        cause,
      },
    );
    this.reason = reason;
    this.call = call;
  }
}

/** True for a problem, of this code where one is given. */
export function isProblem(thrown: unknown, code?: ProblemCode): thrown is JitsuinProblem {
  return thrown instanceof JitsuinProblem && (code === undefined || thrown.code === code);
}
