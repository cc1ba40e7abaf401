import { defined } from '../../core/defined.ts';
import type { Bilingual } from '../../simulator/explanation.ts';

/** What a relying party can be judged in, in the order in which it is done. */
/** In this order: what is counted comes before what leaves a relying party with something to try again. */
export const PLANS = [
  'login',
  'rate',
  'signature',
  'error-rows',
  'refresh',
  'logout',
  'keys',
  'maintenance',
  'hostile',
] as const;

export type PlanName = (typeof PLANS)[number];

/** `not-exercised`: what it needs did not happen, so nothing is said of the relying party. */
export type ModuleVerdict = 'passed' | 'failed' | 'warning' | 'not-exercised';

export interface ModuleResult {
  readonly plan: PlanName;
  /** Stable kebab-case name, one of its kind in a report. */
  readonly name: string;
  readonly title: Bilingual;
  /** Where the demand is written. */
  readonly paragraph: string;
  readonly sent: string;
  readonly came: string;
  readonly verdict: ModuleVerdict;
  /** What the author of the relying party should do; for what failed or is a warning. */
  readonly remedy?: string;
}

export interface TestReport {
  readonly clientId: string;
  readonly issuer: string;
  readonly start: string;
  readonly at: string;
  readonly results: readonly ModuleResult[];
}

/** A module before it ran. */
export type Described = Pick<ModuleResult, 'plan' | 'name' | 'title' | 'paragraph'> & {
  readonly remedy: string;
  /** The standard says SHOULD: letting it through is a warning. */
  readonly advised?: boolean;
};

export interface Judged {
  /** Undefined: not exercised. */
  readonly ok: boolean | undefined;
  readonly sent: string;
  readonly came: string;
  /** Refused, but the citizen was shown a failure of the server. */
  readonly failure?: boolean;
}

const SHOWN = 'It is refused, as a failure of the server (5xx): tell the citizen.';

export function result(described: Described, { ok, sent, came, failure = false }: Judged): ModuleResult {
  const { plan, name, title, paragraph, remedy, advised } = described;
  const good: ModuleVerdict = failure ? 'warning' : 'passed';
  const bad: ModuleVerdict = advised === true ? 'warning' : 'failed';
  const verdict: ModuleVerdict = ok === undefined ? 'not-exercised' : ok ? good : bad;
  const advice = ok === true && verdict === 'warning' ? SHOWN : undefined;
  return defined({
    plan,
    name,
    title,
    paragraph,
    sent,
    came,
    verdict,
    remedy: ok === false ? remedy : advice,
  });
}
