import type { JobHandler } from '../../src/ports/job-queue.ts';
import { applicationJob } from '../../src/rp/job-handlers.ts';
import type { RelyingParty } from '../../src/rp/relying-party.ts';
import { type HandOff, submitVerification } from '../../src/rp/submit-verification.ts';

/** Job `submit-verification`: hand-off to the platform operator. */
export function submitVerificationJob(rp: RelyingParty & HandOff): JobHandler {
  return applicationJob(rp.clock, (id) => submitVerification(rp, id));
}
