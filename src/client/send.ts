import { type Answer, attemptOnce } from './attempt.ts';
import { JitsuinProblem, JitsuinUnreachable } from './errors.ts';
import { type CallOptions, type ClientOptions, SYSTEM_PACING } from './options.ts';
import type { PreparedRequest } from './request.ts';

const ATTEMPTS = 4;
const ATTEMPT_MILLIS = 30_000;
const TOTAL_MILLIS = 120_000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 20_000;

/**
 * Sends until there is an answer, with the same Idempotency-Key each time. Waits as Retry-After says, otherwise by
 * random up to a limit that doubles ("full jitter"); gives up when the next attempt would lie behind the end of the
 * call's time. What may be done only once is sent again only after 429, which is answered before anything was done.
 * @throws JitsuinProblem, JitsuinUnreachable, or the reason of the caller's signal
 */
export async function send(
  request: PreparedRequest,
  client: ClientOptions,
  options: CallOptions,
): Promise<Answer> {
  const { attempts = ATTEMPTS, attemptMillis = ATTEMPT_MILLIS, pacing = SYSTEM_PACING } = client;
  const end = pacing.now() + (options.totalMillis ?? client.totalMillis ?? TOTAL_MILLIS);
  for (let number = 1; ; number += 1) {
    options.signal?.throwIfAborted();
    const bearer = typeof client.bearer === 'string' ? client.bearer : await client.bearer();
    const now = pacing.now();
    const millis = Math.max(1, Math.min(attemptMillis, end - now));
    const facts = factsOf(request, number);
    try {
      const fetcher = client.fetch ?? fetch;
      return await attemptOnce({
        request,
        bearer,
        millis,
        signal: options.signal,
        fetch: fetcher,
        now,
        facts,
      });
    } catch (thrown) {
      const wait = number < attempts ? waitAfter(thrown, request, number, pacing.random()) : undefined;
      if (wait === undefined || pacing.now() + wait >= end) throw thrown;
      await pacing.sleep(wait, options.signal);
    }
  }
}

function factsOf({ operation, idempotencyKey }: PreparedRequest, attempts: number) {
  return idempotencyKey === undefined ? { operation, attempts } : { operation, attempts, idempotencyKey };
}

/** Milliseconds before the next attempt; undefined: there must be none. */
function waitAfter(
  thrown: unknown,
  { again }: PreparedRequest,
  number: number,
  chance: number,
): number | undefined {
  const jitter = chance * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (number - 1));
  if (thrown instanceof JitsuinUnreachable) return again === 'repeatable' ? jitter : undefined;
  if (!(thrown instanceof JitsuinProblem) || !thrown.retryable) return undefined;
  if (again === 'once' && thrown.status !== 429) return undefined;
  const { retryAfter } = thrown.problem;
  return retryAfter === undefined ? jitter : retryAfter * 1000 + chance * FIRST_WAIT;
}
