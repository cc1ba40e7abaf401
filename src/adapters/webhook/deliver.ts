import { WEBHOOK_SCHEDULE } from '../../contracts/webhooks.ts';
import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { asJitsuinError, type ErrorCode } from '../../core/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { JobHandler, JobOutcome } from '../../ports/job-queue.ts';
import type { Log } from '../../ports/log.ts';
import type {
  WebhookAttempt,
  WebhookDelivery,
  WebhookEndpoint,
  WebhookStore,
} from '../../ports/webhook-store.ts';
import { createHttpClient } from '../http-client/http-client.ts';
import { type AddressRules, guardedLookup, permittedUrl } from './addresses.ts';
import { signedHeaders } from './signature.ts';

export interface WebhookDelivering {
  readonly webhooks: WebhookStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly addresses: AddressRules;
  /** Default 15,000. */
  readonly timeoutMillis?: number;
}

const DONE: JobOutcome = { kind: 'done' };
const TIMEOUT = 15_000;
const LONGEST_ANSWER = 65_536;
const GONE = 410;

/**
 * Job `deliver-webhook`: one attempt, kept with its outcome; the next one by WEBHOOK_SCHEDULE. 2xx delivers, 410 switches the
 * endpoint off, everything else (3xx too: no redirect is followed) is a failed attempt.
 */
export function deliverWebhookJob(ports: WebhookDelivering): JobHandler {
  return async (job) => {
    const delivery = await ports.webhooks.getDelivery(job.subject);
    if (delivery?.state !== 'waiting') return DONE;
    const endpoint = await ports.webhooks.getEndpoint(delivery.endpointId, delivery.tenant);
    if (endpoint?.state !== 'enabled') {
      await ports.webhooks.settle(delivery, 'dropped', ports.clock.now());
      return DONE;
    }
    return conclude(ports, delivery, endpoint, await attempt(ports, delivery, endpoint));
  };
}

async function attempt(
  ports: WebhookDelivering,
  delivery: WebhookDelivery,
  endpoint: WebhookEndpoint,
): Promise<WebhookAttempt> {
  const at = ports.clock.now();
  const number = delivery.attempts + 1;
  const outcome = await send(ports, delivery, endpoint, at);
  return { number, at, ...outcome, durationMillis: Math.max(0, ports.clock.now() - at) };
}

async function send(
  { addresses, timeoutMillis = TIMEOUT }: WebhookDelivering,
  { id, payload }: WebhookDelivery,
  { url, secrets }: WebhookEndpoint,
  now: EpochMillis,
): Promise<{ readonly status: number } | { readonly code: ErrorCode }> {
  const headers = { ...signedHeaders({ id, payload }, secrets, now), 'content-type': 'application/json' };
  try {
    const { host } = permittedUrl(url, addresses);
    const http = createHttpClient({
      allowedHosts: [host],
      loopbackHttp: addresses.loopback,
      totalTimeoutMillis: timeoutMillis,
      maxResponseOctets: LONGEST_ANSWER,
      lookup: guardedLookup(addresses),
    });
    try {
      const body = Buffer.from(payload, 'utf8');
      const { status } = await http.send({ method: 'POST', url, headers, body, connection: 'fresh' });
      return { status };
    } finally {
      http.close();
    }
  } catch (thrown) {
    return { code: asJitsuinError(thrown).code };
  }
}

async function conclude(
  ports: WebhookDelivering,
  delivery: WebhookDelivery,
  endpoint: WebhookEndpoint,
  made: WebhookAttempt,
): Promise<JobOutcome> {
  const { webhooks, clock, log } = ports;
  const now = clock.now();
  const fields = { tenant: delivery.tenant, attempt: made.number, durationMillis: made.durationMillis };
  if (made.status !== undefined && made.status >= 200 && made.status < 300) {
    await webhooks.settle(delivery, 'delivered', now, made);
    log.info('webhook.delivered', { ...fields, status: made.status });
    return DONE;
  }
  log.warn(
    'webhook.refused',
    defined({
      ...fields,
      status: made.status,
      code: made.code,
    }),
  );
  if (made.status === GONE) await switchOff(ports, endpoint, now);
  const wait = made.status === GONE ? undefined : WEBHOOK_SCHEDULE[made.number - delivery.replayedAt];
  await webhooks.settle(delivery, wait === undefined ? 'failed' : 'waiting', now, made);
  return wait === undefined ? DONE : { kind: 'later', notBefore: (now + wait) as EpochMillis };
}

/** 410: the receiver wants no more (Standard Webhooks). Who changes the endpoint at this moment knows better. */
async function switchOff(
  { webhooks }: WebhookDelivering,
  endpoint: WebhookEndpoint,
  now: EpochMillis,
): Promise<void> {
  const next: WebhookEndpoint = {
    ...endpoint,
    state: 'gone',
    revision: endpoint.revision + 1,
    updatedAt: now,
  };
  const { id, tenant } = endpoint;
  await webhooks.updateEndpoint(next, { event: 'webhook.gone', subject: id, tenant, at: now });
}
