import { defined } from '../../core/defined.ts';
import { asJitsuinError, type JitsuinError } from '../../core/errors.ts';

/** What one check found. `undecided`: it could not be looked at, for example without a network. */
export type FindingState = 'passed' | 'warning' | 'failed' | 'undecided' | 'skipped';

export interface Finding {
  /** Stable name of the check, for example `clock`. */
  readonly check: string;
  readonly state: FindingState;
  /** What was seen. Holds no protected value. */
  readonly says: string;
  /** What to do, where something is to be done. */
  readonly advice?: string;
  /** Stable error code, where there is one. */
  readonly code?: string;
}

export function passed(check: string, says: string): Finding {
  return { check, state: 'passed', says };
}

export function failed(check: string, says: string, advice: string, code?: string): Finding {
  return defined({
    check,
    state: 'failed',
    says,
    advice,
    code,
  });
}

/** Runs one check; what it throws becomes its finding. `advice` chooses what to do from the error. */
export async function examine(
  check: string,
  look: () => Promise<Finding> | Finding,
  advice: (error: JitsuinError) => string = () => '',
): Promise<Finding> {
  try {
    return await look();
  } catch (thrown) {
    const error = asJitsuinError(thrown);
    const where = error.at === undefined ? '' : ` (at ${error.at})`;
    const own = advice(error);
    return defined({
      check,
      state: UNDECIDED.has(error.code) ? 'undecided' : 'failed',
      says: `${error.message}${where}`,
      code: error.code,
      advice: own === '' ? undefined : own,
    });
  }
}

const UNDECIDED: ReadonlySet<string> = new Set([
  'upstream.unreachable',
  'upstream.timeout',
  'upstream.temporary',
  'upstream.response',
]);
