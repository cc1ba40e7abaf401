import type { EpochMillis, SigningMode } from '../core/brand.ts';
import { startValidation } from './validate.ts';
import type { RevocationData, ValidationOutcome, ValidationTrial } from './validation-types.ts';
import type { Certificate } from './x509/certificate-types.ts';

/** What a judgement has that asks nobody: everything lies beside the document. */
export interface OfflineRules {
  readonly trustAnchors: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  /** For every certificate of the path together. */
  readonly data: RevocationData;
  readonly revocation: 'asked' | 'switched-off';
  readonly policy: ValidationTrial['policy'];
  readonly at: EpochMillis;
  /** When the data must be fresh; `at` when absent. */
  readonly dataAt?: EpochMillis;
  /** `proved`: a time-stamp says that the signature was there at `at`. */
  readonly instant?: 'proved';
}

/** The whole judgement with the data at hand. Each certificate finds its own among all of it. */
export function judgeOffline(
  subject: ValidationTrial['subject'],
  mode: SigningMode,
  { data, revocation, ...rules }: OfflineRules,
): ValidationOutcome {
  const asked = { subject, mode, ...rules };
  const started = startValidation(revocation === 'switched-off' ? { ...asked, revocation } : asked);
  return started.kind === 'decided' ? started.outcome : started.finish(started.needs.map(() => data));
}
