import type { EpochMillis } from '../core/brand.ts';
import type { Verification } from '../core/sign-transaction/verification.ts';
import type { Effects } from '../ports/effects.ts';
import type { JobOutcome } from '../ports/job-queue.ts';
import { verificationFields } from './log-fields.ts';
import type { PlatformOperator } from './platform-operator.ts';

const AGAIN = 1_000;

/**
 * A worker's step as one compare-and-set. Undefined: it was taken, and may be told. Otherwise somebody else changed the
 * record (or took the job over) first, this word does not count, and the job looks again at what there is now.
 */
export async function overtaken(
  operator: PlatformOperator,
  next: Verification,
  effects: Effects,
): Promise<JobOutcome | undefined> {
  if (await operator.verifications.update(next, effects)) return undefined;
  operator.log.warn('verification.overtaken', verificationFields(next));
  return { kind: 'later', notBefore: (operator.clock.now() + AGAIN) as EpochMillis };
}
