import { MINUTE_MILLIS } from '../../core/spans.ts';
import type { JobSlots } from '../../ports/job-queue.ts';
import type { WebhookAttempt } from '../../ports/webhook-store.ts';

const PER_ENDPOINT = 2;
const PER_TENANT = 8;
/** Who has not answered by then gives the slot to others. */
const PATIENCE = 2_000;
/** An endpoint that does not answer is left alone for so long, doubled with every further silence. */
const FIRST_REST = 30_000;
const LONGEST_REST = 10 * MINUTE_MILLIS;

/** Deliveries at once; `concurrency` of them may hold a slot, others wait for endpoints that are slow. */
export function webhookSlots(concurrency: number): JobSlots {
  return {
    concurrency,
    patienceMillis: PATIENCE,
    most: 4 * concurrency,
    perEndpoint: PER_ENDPOINT,
    perTenant: PER_TENANT,
  };
}

/** How long an endpoint that kept an attempt waiting is left alone; undefined: it answered, or refused at once. */
export function createRests(): (
  endpointId: string,
  made: Pick<WebhookAttempt, 'code'>,
) => number | undefined {
  const silences = new Map<string, number>();
  return (endpointId, { code }) => {
    if (code !== 'upstream.timeout') {
      silences.delete(endpointId);
      return undefined;
    }
    const before = silences.get(endpointId) ?? 0;
    silences.set(endpointId, before + 1);
    return Math.min(LONGEST_REST, FIRST_REST * 2 ** before);
  };
}
