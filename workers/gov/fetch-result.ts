import type { JobHandler } from '../../src/ports/job-queue.ts';
import { type FetchPorts, fetchResult } from '../../src/rp/fetch-result.ts';
import { applicationJob } from '../../src/rp/job-handlers.ts';
import { compareSignerName } from '../../src/verifier/signer-name.ts';

/** Job `fetch-result` of an agency: the result in clear, the signer's name compared, sealed as received. */
export function fetchResultJob(rp: FetchPorts): JobHandler {
  return applicationJob(rp.clock, (id) => fetchResult({ ...rp, compareSignerName }, id));
}
