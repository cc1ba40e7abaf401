import type { JobHandler } from '../../src/ports/job-queue.ts';
import { type FetchPorts, fetchResult } from '../../src/rp/fetch-result.ts';
import { applicationJob } from '../../src/rp/job-handlers.ts';

/** Job `fetch-result` of an sp: the encrypted result, sealed as received and never opened. */
export function fetchResultJob(rp: FetchPorts): JobHandler {
  return applicationJob(rp.clock, (id) => fetchResult(rp, id));
}
