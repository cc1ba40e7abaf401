import type { JobHandler } from '../../src/ports/job-queue.ts';
import { fetchResult } from '../../src/rp/fetch-result.ts';
import { applicationJob } from '../../src/rp/job-handlers.ts';
import type { RelyingParty } from '../../src/rp/relying-party.ts';

/** Job `fetch-result` of an sp: the encrypted result, sealed as received and never opened. */
export function fetchResultJob(rp: RelyingParty): JobHandler {
  return applicationJob(rp.clock, (id) => fetchResult(rp, id));
}
