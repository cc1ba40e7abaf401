import type { JobHandler } from '../../src/ports/job-queue.ts';
import { applicationJob } from '../../src/rp/job-handlers.ts';
import type { RelyingParty } from '../../src/rp/relying-party.ts';
import { type VerifyInside, verifyApplication } from '../../src/rp/verify-application.ts';

/** Job `verify-application` of an agency: its own verification, with evidence. */
export function verifyApplicationJob(rp: RelyingParty & { readonly verify: VerifyInside }): JobHandler {
  return applicationJob(rp.clock, (id) => verifyApplication(rp, id));
}
