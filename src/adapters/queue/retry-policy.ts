import { backOffMillis } from '../../core/back-off.ts';
import { ERROR_CODES, type ErrorCode, type ErrorKind } from '../../core/errors.ts';
import { MINUTE_MILLIS } from '../../core/spans.ts';

/** What the queue does with a failed run. */
type QueueInstruction =
  | { readonly kind: 'retry'; readonly delayMillis: number }
  | { readonly kind: 'dead-letter' };

export interface RetryLimits {
  /** Runs before a temporary failure becomes a dead letter. */
  readonly maxAttempts: number;
  readonly backoffMillis: number;
}

/** Our own faults may be the fault of one machine, but they do not heal by waiting: they get few runs. */
const MOST_RUNS_OF_OUR_FAULT = 10;
const LONGEST_BACKOFF_MILLIS = MINUTE_MILLIS;

/**
 * The one table: kind → may another run help? `limited` means few runs. What only an operator can heal is retried, so
 * that work goes on by itself once it is healed: results vanish at the service within the hour.
 */
const RETRY: Readonly<Record<ErrorKind, 'yes' | 'limited' | 'no'>> = {
  temporary: 'yes',
  undecided: 'yes',
  'rate-limited': 'yes',
  operator: 'yes',
  conflict: 'limited',
  internal: 'limited',
  'bad-input': 'no',
  'too-large': 'no',
  'unsupported-media': 'no',
  unauthenticated: 'no',
  forbidden: 'no',
  'not-found': 'no',
  'wrong-method': 'no',
  unprocessable: 'no',
  gone: 'no',
  'invalid-signature': 'no',
  citizen: 'no',
  restart: 'no',
};

/**
 * Error code and number of the failed run (1 for the first) → instruction. The back-off doubles up to one minute;
 * `jitter` (0 to 1) takes up to half of it away, so that what failed together does not come back together.
 */
export function queueInstruction(
  code: ErrorCode,
  attempt: number,
  limits: RetryLimits,
  jitter: number,
): QueueInstruction {
  const retry = RETRY[ERROR_CODES[code]];
  const runs =
    retry === 'limited' ? Math.min(MOST_RUNS_OF_OUR_FAULT, limits.maxAttempts) : limits.maxAttempts;
  if (retry === 'no' || attempt >= runs) return { kind: 'dead-letter' };
  const backoff = backOffMillis(attempt, limits.backoffMillis, LONGEST_BACKOFF_MILLIS);
  return { kind: 'retry', delayMillis: Math.ceil(backoff * (1 - jitter / 2)) };
}
