import type { Bilingual } from '../../simulator/explanation.ts';

/** `not-exercised`: what it needs did not happen, so nothing is said of the relying party. */
export type ModuleVerdict = 'passed' | 'failed' | 'warning' | 'not-exercised';

export interface ModuleResult {
  /** Stable kebab-case name. */
  readonly name: string;
  readonly title: Bilingual;
  /** Where the demand is written. */
  readonly paragraph: string;
  readonly sent: string;
  readonly came: string;
  readonly verdict: ModuleVerdict;
  /** What the author of the relying party should do; for what failed. */
  readonly remedy?: string;
}

export interface TestReport {
  readonly clientId: string;
  readonly issuer: string;
  readonly start: string;
  readonly at: string;
  readonly results: readonly ModuleResult[];
}
