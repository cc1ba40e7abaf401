import { defined } from '../defined.ts';
import { ERROR_CODES, type ErrorKind, type JitsuinError } from '../errors.ts';
import type { ApplicationEvent, Failure } from './events.ts';
import { type UpstreamNext, upstreamErrorRow } from './upstream-errors.ts';

/** What an error means for the application: the same request later, a token refresh first, or its end. */
type FailureConsequence =
  | { readonly kind: 'retry' }
  | { readonly kind: 'refresh' }
  | { readonly kind: 'end'; readonly event: ApplicationEvent };

/**
 * Reads the consequence from the guideline's row where the service gave an answer (`next` of the row), else from the
 * kind of our own code. Nothing that is not understood is retried for ever or taken for the citizen's fault.
 */
export function consequenceOf(error: JitsuinError): FailureConsequence {
  const row = error.upstream?.row;
  const next = (row === undefined ? undefined : upstreamErrorRow(row)?.next) ?? nextOfKind(error);
  const failure = failureOf(error);
  switch (next) {
    case 'retry-with-back-off':
    case 'renew-client-token':
      return { kind: 'retry' };
    case 'refresh-tokens':
      return { kind: 'refresh' };
    case 'end-refused':
      return { kind: 'end', event: { kind: 'citizen-refused', failure } };
    case 'end-restart-needed':
      return { kind: 'end', event: { kind: 'restart-demanded', failure } };
    case 'end-failed':
      return { kind: 'end', event: { kind: 'failed', failure } };
  }
}

/** What of an error is kept with the application. */
export function failureOf(error: JitsuinError): Failure {
  const row = error.upstream?.row;
  return defined({
    code: error.code,
    row,
    said: row?.includes('-fallback-') === true ? wordsOf(error.upstream) : undefined,
  });
}

/** The words of the service, as far as they were kept (`upstreamFailure` has filtered them). */
function wordsOf(upstream: JitsuinError['upstream']): string | undefined {
  const { error, errorDescription, item } = upstream ?? {};
  const words = [error, errorDescription, ...(item ?? [])].filter((text) => text !== undefined);
  return words.length === 0 ? undefined : words.join(' / ').slice(0, MOST_WORDS);
}

const MOST_WORDS = 300;

/**
 * True when only who runs this service can heal it: by `actor` of the guideline's row, else by the kind of our own
 * code.
 */
export function needsOperator({ code, row }: Failure): boolean {
  const known = row === undefined ? undefined : upstreamErrorRow(row);
  return known === undefined ? ALARMING.has(ERROR_CODES[code]) : known.actor === 'operator';
}

const ALARMING: ReadonlySet<ErrorKind> = new Set(['operator', 'internal', 'invalid-signature']);

function nextOfKind(error: JitsuinError): UpstreamNext {
  if (error.code === 'upstream.refresh') return 'refresh-tokens';
  // nothing was sent: what the citizen has signed is still there when an operator has put the certificate in order
  if (error.code === 'upstream.tls') return 'retry-with-back-off';
  switch (error.kind) {
    case 'citizen':
      return 'end-refused';
    case 'restart':
    case 'gone':
      return 'end-restart-needed';
    case 'temporary':
    case 'undecided':
    case 'rate-limited':
      return 'retry-with-back-off';
    default:
      return 'end-failed';
  }
}
