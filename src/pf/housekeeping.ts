import { allSteps } from '../core/all-steps.ts';
import type { EpochMillis } from '../core/brand.ts';
import { DAY_MILLIS } from '../core/spans.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { StaffStore } from '../ports/staff-store.ts';
import type { WebhookStore } from '../ports/webhook-store.ts';
import type { PlatformOperator } from './platform-operator.ts';
import { sweep } from './sweep.ts';

export interface HousekeepingPorts {
  readonly operator: PlatformOperator;
  readonly queue: Pick<JobQueue, 'relay'>;
  readonly operators: Pick<StaffStore, 'purge'>;
  readonly webhooks: Pick<WebhookStore, 'purge'>;
  /** How long ended deliveries are shown; milliseconds. */
  readonly webhooksKept: number;
}

/** How long the answer to an idempotency key is kept; milliseconds. */
const IDEMPOTENCY_KEPT = DAY_MILLIS;

/**
 * One round of everything that runs by the clock: the sweep of verifications, the watch over revocation data, jobs
 * that wait to be published, and what replay memory, idempotency keys, logins at the console and shown deliveries
 * no longer need. A step that fails stops no other.
 */
export function housekeeping({
  operator,
  queue,
  operators,
  webhooks,
  webhooksKept,
}: HousekeepingPorts): Promise<void> {
  const now = operator.clock.now();
  return allSteps([
    () => sweep(operator),
    () => operator.revocationWatch.check(),
    () => queue.relay(),
    () => operator.replay.purge(now),
    () => operator.idempotency.purge((now - IDEMPOTENCY_KEPT) as EpochMillis),
    () => operators.purge(now),
    () => webhooks.purge((now - webhooksKept) as EpochMillis),
  ]);
}
