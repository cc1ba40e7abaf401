import type { JobHandler } from '../../src/ports/job-queue.ts';
import { awaitVerification } from '../../src/rp/await-verification.ts';
import { applicationJob } from '../../src/rp/job-handlers.ts';
import type { RelyingParty } from '../../src/rp/relying-party.ts';
import type { HandOff } from '../../src/rp/submit-verification.ts';

/** Job `await-verification`: the verdict and the receipt, once they are there. */
export function awaitVerificationJob(rp: RelyingParty & HandOff): JobHandler {
  return applicationJob(rp.clock, (id) => awaitVerification(rp, id));
}
