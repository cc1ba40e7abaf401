import { WEBHOOK_SCHEDULE } from '../../contracts/webhooks.ts';
import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { asJitsuinError, type ErrorCode } from '../../core/errors.ts';
import { DAY_MILLIS } from '../../core/spans.ts';
import type { Clock } from '../../ports/clock.ts';
import type { JobHandler, JobOutcome } from '../../ports/job-queue.ts';
import type { Log, LogFields } from '../../ports/log.ts';
import type {
  WebhookAttempt,
  WebhookDelivery,
  WebhookEndpoint,
  WebhookStore,
} from '../../ports/webhook-store.ts';
import type { ProxySettings } from '../http-client/forward-proxy.ts';
import { createHttpClient } from '../http-client/http-client.ts';
import { type AddressRules, guardedLookup, permittedUrl } from './addresses.ts';
import { createRests } from './endpoint-slots.ts';
import { signedHeaders } from './signature.ts';

interface WebhookDelivering {
  readonly webhooks: WebhookStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly addresses: AddressRules;
  readonly proxy: ProxySettings;
  /** Default 15,000. */
  readonly timeoutMillis?: number;
}

const DONE: JobOutcome = { kind: 'done' };
const TIMEOUT = 15_000;
const GONE = 410;
/**
 * Job `deliver-webhook`: one attempt, kept with its outcome; the next one by WEBHOOK_SCHEDULE. 2xx delivers, 410
 * switches the endpoint off, everything else (3xx too: no redirect is followed) is a failed attempt.
 */
export function deliverWebhookJob(ports: WebhookDelivering): JobHandler {
  const restOf = createRests();
  return async (job) => {
    const delivery = await ports.webhooks.getDelivery(job.subject);
    if (delivery?.state !== 'waiting') return DONE;
    const endpoint = await ports.webhooks.getEndpoint(delivery.endpointId, delivery.tenant);
    if (endpoint?.state !== 'enabled') {
      // whoever settled it meanwhile knows better
      void (await ports.webhooks.settle(delivery, 'dropped', ports.clock.now()));
      return DONE;
    }
    const attempted = await attempt(ports, delivery, endpoint);
    const outcome = await conclude(ports, delivery, endpoint, attempted);
    const rest = restOf(endpoint.id, attempted.made);
    if (rest === undefined) return outcome;
    return { ...outcome, endpointRestsUntil: (ports.clock.now() + rest) as EpochMillis };
  };
}

/** What an attempt brought; `retryAfter` in milliseconds, as the receiver asked. */
type Outcome =
  | { readonly status: number; readonly retryAfter?: number }
  | { readonly code: ErrorCode; readonly retryAfter?: never };

interface Made {
  readonly made: WebhookAttempt;
  readonly retryAfter: number;
}

async function attempt(
  ports: WebhookDelivering,
  delivery: WebhookDelivery,
  endpoint: WebhookEndpoint,
): Promise<Made> {
  const at = ports.clock.now();
  const number = delivery.attempts + 1;
  const { retryAfter = 0, ...outcome } = await send(ports, delivery, endpoint, at);
  const durationMillis = Math.max(0, ports.clock.now() - at);
  return { made: { number, at, ...outcome, durationMillis }, retryAfter };
}

async function send(
  { addresses, proxy, timeoutMillis = TIMEOUT }: WebhookDelivering,
  { id, payload }: WebhookDelivery,
  { url, secrets }: WebhookEndpoint,
  now: EpochMillis,
): Promise<Outcome> {
  const headers = { ...signedHeaders({ id, payload }, secrets, now), 'content-type': 'application/json' };
  try {
    const { host } = permittedUrl(url, addresses);
    const http = createHttpClient({
      allowedHosts: [host],
      loopbackHttp: addresses.loopback,
      totalTimeoutMillis: timeoutMillis,
      lookup: guardedLookup(addresses),
      proxy,
    });
    try {
      const body = Buffer.from(payload, 'utf8');
      const answer = await http.send({
        method: 'POST',
        url,
        headers,
        body,
        connection: 'fresh',
        answer: 'status',
      });
      const retryAfter = retryAfterMillis(answer.headers['retry-after'], now);
      return defined({ status: answer.status, retryAfter });
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
  { made, retryAfter }: Made,
): Promise<JobOutcome> {
  const { webhooks, clock, log } = ports;
  const now = clock.now();
  const fields = { tenant: delivery.tenant, attempt: made.number, durationMillis: made.durationMillis };
  if (made.status !== undefined && made.status >= 200 && made.status < 300) {
    if (!(await webhooks.settle(delivery, 'delivered', now, made))) return overtaken(ports, fields);
    log.info('webhook.delivered', { ...fields, status: made.status });
    return DONE;
  }
  const wait = made.status === GONE ? undefined : WEBHOOK_SCHEDULE[made.number - delivery.replayedAt];
  const state = wait === undefined ? 'failed' : 'waiting';
  if (!(await webhooks.settle(delivery, state, now, made))) return overtaken(ports, fields);
  log.warn('webhook.refused', defined({ ...fields, status: made.status, code: made.code }));
  if (made.status === GONE) await switchOff(ports, endpoint, now);
  if (wait === undefined) {
    log.error('webhook.given-up', defined({ ...fields, status: made.status, code: made.code }));
    return DONE;
  }
  return { kind: 'later', notBefore: (now + Math.max(wait, retryAfter)) as EpochMillis };
}

/** Another run counted its attempt first: this one is not in the books. */
function overtaken({ log }: WebhookDelivering, fields: LogFields): JobOutcome {
  log.warn('webhook.overtaken', fields);
  return DONE;
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
  void (await webhooks.updateEndpoint(next, { event: 'webhook.gone', subject: id, tenant, at: now }));
}

/** The longest that a receiver can put the next attempt off. */
const LONGEST_WAIT = DAY_MILLIS;

/** `Retry-After` in seconds or as a date (RFC 9110 section 10.2.3), bounded; undefined where it says nothing. */
function retryAfterMillis(header: string | undefined, now: EpochMillis): number | undefined {
  if (header === undefined) return undefined;
  const until = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(until) ? Math.min(Math.max(0, until), LONGEST_WAIT) : undefined;
}
