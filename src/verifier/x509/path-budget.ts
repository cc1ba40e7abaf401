import { JitsuinError } from '../../core/errors.ts';
import { DEFAULT_PATH_BUDGETS } from './path-policy.ts';
import type { PathBudgets } from './path-types.ts';

/** Work that is counted down. */
type CountedWork = 'signatures' | 'steps' | 'nameComparisons';

/**
 * What one call may still do. Spending beyond a bound throws `certificate.limit`, which ends the search; a path
 * that is too long ends alone.
 */
export class WorkBudget {
  readonly bounds: PathBudgets;
  private readonly spent: Record<CountedWork, number> = { signatures: 0, steps: 0, nameComparisons: 0 };

  constructor(bounds: Partial<PathBudgets> = {}) {
    this.bounds = { ...DEFAULT_PATH_BUDGETS, ...bounds };
  }

  /** @throws JitsuinError `certificate.limit` */
  spend(work: CountedWork, amount = 1): void {
    this.spent[work] += amount;
    if (this.spent[work] > this.bounds[work]) throw limitReached(work);
  }

  /** Whether so much is still inside a bound: what is not ends its branch, not the search. */
  allows(bound: keyof PathBudgets, amount: number): boolean {
    return amount <= this.bounds[bound];
  }

  /** @throws JitsuinError `certificate.limit` */
  require(bound: keyof PathBudgets, amount: number): void {
    if (amount > this.bounds[bound]) throw limitReached(bound);
  }
}

function limitReached(bound: keyof PathBudgets): JitsuinError {
  return new JitsuinError('certificate.limit', `The budget of ${bound} is used up.`, { at: bound });
}
