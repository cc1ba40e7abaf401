import type { EpochMillis } from '../../core/brand.ts';
import { JitsuinError } from '../../core/errors.ts';
import { DAY_MILLIS } from '../../core/spans.ts';
import type { AuditEvent } from '../../ports/audit.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import type { WebhookAddresses } from '../../ports/webhook-addresses.ts';
import type { WebhookDelivery, WebhookEndpoint, WebhookStore } from '../../ports/webhook-store.ts';

/** What the webhook routes of every role work with, and the staff's console. */
export interface WebhookApi {
  readonly webhooks: WebhookStore;
  readonly addresses: WebhookAddresses;
  readonly newSecret: () => string;
  readonly clock: Clock;
  readonly random: Random;
}

/** Who did it, where it was not the tenant itself. */
type ByWhom = Readonly<Record<string, string>> | undefined;

const MOST_SECRETS = 3;
/** How long a replaced secret signs beside the new one. */
const ROTATION = DAY_MILLIS;

/** @throws JitsuinError `webhook.rotation`, `store.conflict` */
export async function rotateSecret(
  api: WebhookApi,
  endpoint: WebhookEndpoint,
): Promise<{ readonly secret: string; readonly endpoint: WebhookEndpoint }> {
  const now = api.clock.now();
  const secret = api.newSecret();
  const retiresAt = (now + ROTATION) as EpochMillis;
  const older = endpoint.secrets
    .filter((one) => one.retiresAt === undefined || one.retiresAt > now)
    .map((one) => ({ retiresAt, ...one }));
  if (older.length >= MOST_SECRETS)
    throw tooSoon(
      older.map((one) => one.retiresAt),
      now,
    );
  const secrets = [{ value: secret }, ...older];
  const next = await update(api, { ...endpoint, secrets }, 'secret-rotated', now);
  return { secret, endpoint: next };
}

/** A replaced secret lives as long as was promised, also where a rotation is sent again because its answer was lost. */
function tooSoon(ends: readonly EpochMillis[], now: EpochMillis): JitsuinError {
  return new JitsuinError(
    'webhook.rotation',
    `${MOST_SECRETS} secrets of this endpoint sign already; rotate again when the oldest has ended (Retry-After).`,
    { retryAfter: Math.ceil((Math.min(...ends) - now) / 1000) },
  );
}

/** @throws JitsuinError `webhook.url`, `webhook.address`, `store.conflict` */
export async function switchEndpoint(
  api: WebhookApi,
  endpoint: WebhookEndpoint,
  state: 'enabled' | 'disabled',
  by?: ByWhom,
): Promise<WebhookEndpoint> {
  if (state === 'enabled') await api.addresses.requirePublic(endpoint.url);
  if (endpoint.state === state) return endpoint;
  return update(api, { ...endpoint, state }, state, api.clock.now(), by);
}

/** A delivery of `webhook.test` to this endpoint. @throws JitsuinError `webhook.disabled` */
export async function sendTestEvent(
  { webhooks, clock }: WebhookApi,
  endpoint: WebhookEndpoint,
  by?: ByWhom,
): Promise<WebhookDelivery> {
  if (endpoint.state !== 'enabled')
    throw new JitsuinError('webhook.disabled', 'The endpoint is switched off; enable it first.');
  const now = clock.now();
  return webhooks.test(endpoint, now, webhookAudit(endpoint, 'test-sent', now, by));
}

/**
 * Once more from the start of the schedule; one that waits already is left as it is.
 * @throws JitsuinError `webhook.disabled`
 */
export async function replayDelivery(
  { webhooks, clock }: WebhookApi,
  delivery: WebhookDelivery,
  by?: ByWhom,
): Promise<void> {
  const endpoint = await webhooks.getEndpoint(delivery.endpointId, delivery.tenant);
  if (endpoint?.state !== 'enabled') {
    throw new JitsuinError(
      'webhook.disabled',
      'The endpoint of this delivery is switched off or deleted; enable it, or register it anew.',
    );
  }
  const now = clock.now();
  void (await webhooks.replay(delivery, now, webhookAudit(delivery, 'replayed', now, by)));
}

async function update(
  { webhooks }: WebhookApi,
  changed: WebhookEndpoint,
  event: string,
  now: EpochMillis,
  by?: ByWhom,
): Promise<WebhookEndpoint> {
  const next = { ...changed, revision: changed.revision + 1, updatedAt: now };
  if (await webhooks.updateEndpoint(next, webhookAudit(next, event, now, by))) return next;
  throw new JitsuinError('store.conflict', 'The endpoint was changed by another request at the same time.');
}

/** `webhook.<event>` of an endpoint or a delivery. */
export function webhookAudit(
  { id, tenant }: Pick<WebhookEndpoint, 'id' | 'tenant'>,
  event: string,
  at: EpochMillis,
  by?: ByWhom,
): AuditEvent {
  const audit = { event: `webhook.${event}`, subject: id, tenant, at };
  return by === undefined ? audit : { ...audit, facts: by };
}
