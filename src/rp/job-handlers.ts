import type { ApplicationId, EpochMillis } from '../core/brand.ts';
import { asJitsuinError } from '../core/errors.ts';
import { MINUTE_MILLIS } from '../core/spans.ts';
import type { Clock } from '../ports/clock.ts';
import { JOB_PAYLOAD_VERSION, type JobHandler, type JobOutcome } from '../ports/job-queue.ts';

const SOON = 1_000;
const UNKNOWN_VERSION = MINUTE_MILLIS;

/**
 * A use-case as a job: an unknown payload version waits for a newer worker (rolling upgrade), a lost compare-and-set is
 * simply read again, and everything else is the queue's to judge.
 */
export function applicationJob(
  clock: Clock,
  useCase: (id: ApplicationId) => Promise<JobOutcome>,
): JobHandler {
  return async (job) => {
    if (job.version > JOB_PAYLOAD_VERSION) return later(clock, UNKNOWN_VERSION);
    try {
      return await useCase(job.subject as ApplicationId);
    } catch (thrown) {
      if (asJitsuinError(thrown).code === 'store.conflict') return later(clock, SOON);
      throw thrown;
    }
  };
}

function later(clock: Clock, millis: number): JobOutcome {
  return { kind: 'later', notBefore: (clock.now() + millis) as EpochMillis };
}
