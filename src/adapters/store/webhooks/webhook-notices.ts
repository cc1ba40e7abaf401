import type { WebhookPayload, WebhookType } from '../../../contracts/webhooks.ts';
import type { EpochMillis } from '../../../core/brand.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { JobRequest } from '../../../ports/job-queue.ts';
import type { WebhookNotice } from '../../../ports/webhook-store.ts';
import { drawnOctets, uuidV7 } from '../../random.ts';
import type { StoreTransaction } from '../engine/store-engine.ts';
import { parsedJson } from '../records/row-values.ts';
import type { RowMacs } from '../rows/row-macs.ts';
import type { TableHeads } from '../rows/table-heads.ts';
import type { WebhookDeliveryTable } from '../schema/schema.ts';

interface NoticeParts {
  readonly rows: RowMacs;
  readonly heads: TableHeads;
  readonly clock: Clock;
}

/**
 * One delivery for each endpoint that is enabled and wants the event, in the transaction of the change that it
 * tells of. Gives the jobs that deliver them.
 */
export async function insertNotices(
  { heads, rows, clock }: NoticeParts,
  transaction: StoreTransaction,
  notices: readonly WebhookNotice[],
): Promise<readonly JobRequest[]> {
  const jobs: JobRequest[] = [];
  const now = clock.now();
  for (const notice of notices) {
    const endpoints = await heads.rows(transaction, 'webhook_endpoints', { tenant: notice.tenant });
    const wanting = endpoints.filter(
      ({ state, events }) =>
        state === 'enabled' && parsedJson<readonly string[]>(events).includes(notice.type),
    );
    for (const endpoint of wanting) {
      const row = rows.sealed('webhook_deliveries', deliveryRow(notice, endpoint.id, now));
      await transaction.insertInto('webhook_deliveries').values(row).execute();
      jobs.push(firstAttempt(row));
    }
  }
  return jobs;
}

/** The job of a delivery that was never tried. */
export function firstAttempt({
  id,
  endpoint_id,
  tenant,
}: Pick<WebhookDeliveryTable, 'id' | 'endpoint_id' | 'tenant'>): JobRequest {
  const lane = { endpoint: endpoint_id, tenant };
  return { name: 'deliver-webhook', subject: id, key: `deliver-webhook:${id}`, lane };
}

export function deliveryRow(
  {
    type,
    tenant,
    at,
    data,
  }: Omit<WebhookNotice, 'type'> & {
    readonly type: WebhookType;
  },
  endpoint_id: string,
  now: EpochMillis,
) {
  const payload: WebhookPayload = { type, timestamp: new Date(at).toISOString(), data };
  return {
    id: uuidV7(now, 0, drawnOctets(8)),
    tenant,
    endpoint_id,
    type,
    subject: data.id,
    payload: JSON.stringify(payload),
    state: 'waiting',
    attempts: 0,
    replayed_at: 0,
    created_at: now,
    updated_at: now,
  };
}
