import type { ErrorKind } from '../core/errors.ts';
import type { ExitStatus } from './command.ts';

const UNDECIDED: ReadonlySet<ErrorKind> = new Set(['temporary', 'undecided', 'rate-limited', 'internal']);
const WRONG_USE: ReadonlySet<ErrorKind> = new Set([
  'bad-input',
  'too-large',
  'operator',
  'unsupported-media',
]);

/** Kind of failure → exit status: 1 invalid or refused, 2 wrong use, 3 could not be decided. */
export function exitStatusOf(kind: ErrorKind): Exclude<ExitStatus, 0> {
  if (WRONG_USE.has(kind)) return 2;
  return UNDECIDED.has(kind) ? 3 : 1;
}
