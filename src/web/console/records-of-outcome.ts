import { defined } from '../../core/defined.ts';
import type { OutcomeWord } from '../../core/outcomes.ts';

/** Pages of the store that are read for one page of an outcome; then the reader asks for the next. */
const MOST_PAGES = 20;

interface OutcomeQuestion<Kept extends { readonly id: string }> {
  /** One page of the store, newest first, `limit` records after this one. */
  readonly read: (after: Kept['id'] | undefined, limit: number) => Promise<readonly Kept[]>;
  readonly outcomeOf: (kept: Kept) => OutcomeWord;
  /** Undefined: all. */
  readonly wanted: OutcomeWord | undefined;
}

/**
 * One page of the records of an outcome. The store knows states and results; what a record comes to stands in its
 * verdict too.
 */
export async function recordsOfOutcome<Kept extends { readonly id: string }>(
  { read, outcomeOf, wanted }: OutcomeQuestion<Kept>,
  first: Kept['id'] | undefined,
  limit: number,
): Promise<{ readonly found: readonly Kept[]; readonly next?: Kept['id'] }> {
  const found: Kept[] = [];
  let after = first;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const kept = await read(after, limit + 1);
    for (const [index, one] of kept.slice(0, limit).entries()) {
      after = one.id;
      if (wanted === undefined || outcomeOf(one) === wanted) found.push(one);
      if (found.length === limit) return index + 1 < kept.length ? { found, next: one.id } : { found };
    }
    if (kept.length <= limit) return { found };
  }
  return defined({ found, next: after });
}
