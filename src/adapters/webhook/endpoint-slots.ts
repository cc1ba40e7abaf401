import { backOffMillis } from '../../core/back-off.ts';
import { BoundedMap } from '../../core/bounded-map.ts';
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
/** Endpoints whose silences are remembered. */
const ENDPOINTS_KEPT = 10_000;

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
  const silences = new BoundedMap<string, number>(ENDPOINTS_KEPT);
  return (endpointId, { code }) => {
    if (code !== 'upstream.timeout') {
      silences.delete(endpointId);
      return undefined;
    }
    const times = (silences.get(endpointId) ?? 0) + 1;
    silences.set(endpointId, times);
    return backOffMillis(times, FIRST_REST, LONGEST_REST);
  };
}
