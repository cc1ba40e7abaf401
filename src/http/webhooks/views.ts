import type { WebhookDeliveryView, WebhookEndpointView } from '../../contracts/webhooks.ts';
import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import type { WebhookAttempt, WebhookDelivery, WebhookEndpoint } from '../../ports/webhook-store.ts';

/** An endpoint as its tenant sees it: its secrets are shown only when they are made. */
export function endpointView({
  id,
  url,
  events,
  state,
  createdAt,
  updatedAt,
}: WebhookEndpoint): WebhookEndpointView {
  return {
    id,
    url,
    state,
    events: [...events],
    created_at: instant(createdAt),
    updated_at: instant(updatedAt),
  };
}

export function deliveryView(
  delivery: WebhookDelivery,
  attempts?: readonly WebhookAttempt[],
): WebhookDeliveryView {
  const { id, endpointId, type, subject, state, createdAt, updatedAt } = delivery;
  return defined({
    id,
    endpoint_id: endpointId,
    type,
    subject,
    state,
    attempts: attempts === undefined ? undefined : attempts.map(attemptView),
    created_at: instant(createdAt),
    updated_at: instant(updatedAt),
  });
}

function attemptView({ number, at, status, code, durationMillis }: WebhookAttempt) {
  return defined({
    number,
    at: instant(at),
    duration_ms: durationMillis,
    status,
    code,
  });
}

function instant(millis: EpochMillis): string {
  return new Date(millis).toISOString();
}
