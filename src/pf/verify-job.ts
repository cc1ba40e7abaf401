import type { Verification } from '../core/sign-transaction/verification.ts';
import type { JobRequest, JobSlots } from '../ports/job-queue.ts';

/** The job that judges it. CRLs and OCSP come from different servers: neither kind waits for the other. */
export function verifyJob({ id, checkMethod }: Verification, key: string): JobRequest {
  return { name: 'verify', subject: id, key, lane: { endpoint: checkMethod } };
}

/** So many verifications at once for each check method. */
export function verifySlots(concurrency: number): JobSlots {
  return { concurrency: 2 * concurrency, perEndpoint: concurrency };
}
