import type { CaseNote, SuiteResult } from '../suite.ts';

export interface Verdict {
  readonly name: string;
  readonly expected: boolean;
  readonly accepted: boolean;
  /** Why it was refused, if it was. */
  readonly detail: string;
}

/** Compares verdicts with the suite's; a listed exception that agrees after all fails too, so that the list stays true. */
export function verdictsAgainst(
  verdicts: readonly Verdict[],
  exceptions: ReadonlyMap<string, string>,
): SuiteResult {
  const failed: CaseNote[] = [];
  const listed: CaseNote[] = [];
  for (const { name, expected, accepted, detail } of verdicts) {
    const reason = exceptions.get(name);
    const agrees = expected === accepted;
    if (reason !== undefined && agrees)
      failed.push({ case: name, reason: 'listed as an exception, but agrees' });
    else if (reason !== undefined) listed.push({ case: name, reason });
    else if (!agrees) failed.push({ case: name, reason: accepted ? 'FALSE ACCEPT' : `refused: ${detail}` });
  }
  return { passed: verdicts.length - failed.length - listed.length, failed, listed };
}
