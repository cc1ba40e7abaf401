import type { Express, Request, RequestHandler, Response } from 'express';
import {
  newWebhookEndpointSchema,
  WEBHOOK_EVENTS,
  webhookDeliveryListQuerySchema,
} from '../../contracts/webhooks.ts';
import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import { DAY_MILLIS } from '../../core/spans.ts';
import type { AuditEvent } from '../../ports/audit.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import type { WebhookAddresses } from '../../ports/webhook-addresses.ts';
import type { WebhookDelivery, WebhookEndpoint, WebhookStore } from '../../ports/webhook-store.ts';
import { octetsBody } from '../body.ts';
import { readQuery } from '../read-query.ts';
import { strictBody } from '../strict-body.ts';
import { authenticate, type TenantJudge, tenantOf } from '../tenants.ts';
import { deliveryView, endpointView } from './views.ts';

/** What the webhook routes of every role work with. */
export interface WebhookApi {
  readonly webhooks: WebhookStore;
  readonly addresses: WebhookAddresses;
  readonly newSecret: () => string;
  readonly clock: Clock;
  readonly random: Random;
}

const ENDPOINTS = '/v1/webhook-endpoints';
const DELIVERIES = '/v1/webhook-deliveries';
const BODY_LIMIT = 8_192;
const MOST_ENDPOINTS = 10;
const MOST_SECRETS = 3;
/** How long a replaced secret signs beside the new one. */
const ROTATION = DAY_MILLIS;
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** `/v1/webhook-endpoints` and `/v1/webhook-deliveries` of the authenticated tenant. */
export function webhookRoutes(app: Express, api: WebhookApi, judge: TenantJudge): void {
  const tenant = authenticate(judge, { change: 'webhooks' });
  const on =
    (run: (api: WebhookApi, request: Request, response: Response) => Promise<void>): RequestHandler =>
    (request, response) =>
      run(api, request, response);
  app.post(ENDPOINTS, tenant, octetsBody(BODY_LIMIT, ['application/json']), on(create));
  app.get(ENDPOINTS, tenant, on(list));
  app.get(
    `${ENDPOINTS}/:id`,
    tenant,
    on(async (...call) => send(call[2], endpointView(await ownEndpoint(...call)))),
  );
  app.delete(`${ENDPOINTS}/:id`, tenant, on(remove));
  app.post(`${ENDPOINTS}/:id/rotate-secret`, tenant, on(rotate));
  app.post(
    `${ENDPOINTS}/:id/enable`,
    tenant,
    on((...call) => switchTo('enabled', ...call)),
  );
  app.post(
    `${ENDPOINTS}/:id/disable`,
    tenant,
    on((...call) => switchTo('disabled', ...call)),
  );
  app.get(`${ENDPOINTS}/:id/deliveries`, tenant, on(listDeliveries));
  app.get(`${DELIVERIES}/:id`, tenant, on(readDelivery));
  app.post(`${DELIVERIES}/:id/replay`, tenant, on(replay));
}

async function create(api: WebhookApi, request: Request, response: Response): Promise<void> {
  const { url, events = WEBHOOK_EVENTS } = strictBody(newWebhookEndpointSchema, request);
  const tenant = tenantOf(response);
  await api.addresses.requirePublic(url);
  const now = api.clock.now();
  const secret = api.newSecret();
  const endpoint: WebhookEndpoint = {
    id: api.random.id(),
    tenant,
    url: new URL(url).href,
    events,
    state: 'enabled',
    revision: 1,
    secrets: [{ value: secret }],
    createdAt: now,
    updatedAt: now,
  };
  const registered = audit(endpoint, 'registered', now);
  const outcome = await api.webhooks.insertEndpoint(endpoint, MOST_ENDPOINTS, registered);
  if (outcome === 'too-many')
    throw new JitsuinError('webhook.limit', `A tenant has at most ${MOST_ENDPOINTS} endpoints.`);
  if (outcome === 'exists')
    throw new JitsuinError('webhook.exists', 'There is an endpoint of this URL already.', { at: '/url' });
  response.location(`${ENDPOINTS}/${endpoint.id}`).status(201);
  send(response, { ...endpointView(endpoint), secret });
}

async function list(api: WebhookApi, _request: Request, response: Response): Promise<void> {
  const endpoints = await api.webhooks.listEndpoints(tenantOf(response));
  send(response, { items: endpoints.map(endpointView) });
}

async function remove(api: WebhookApi, request: Request, response: Response): Promise<void> {
  const endpoint = await ownEndpoint(api, request, response);
  await api.webhooks.deleteEndpoint(endpoint, audit(endpoint, 'deleted', api.clock.now()));
  response.status(204).end();
}

async function rotate(api: WebhookApi, request: Request, response: Response): Promise<void> {
  const endpoint = await ownEndpoint(api, request, response);
  const now = api.clock.now();
  const value = api.newSecret();
  const retiresAt = (now + ROTATION) as EpochMillis;
  const older = endpoint.secrets
    .filter((secret) => secret.retiresAt === undefined || secret.retiresAt > now)
    .map((secret) => ({ retiresAt, ...secret }));
  if (older.length >= MOST_SECRETS)
    throw tooSoon(
      older.map((secret) => secret.retiresAt),
      now,
    );
  const secrets = [{ value }, ...older];
  await update(api, { ...endpoint, secrets }, 'secret-rotated', now);
  send(response, { ...endpointView({ ...endpoint, updatedAt: now }), secret: value });
}

/** A replaced secret lives as long as was promised, also where a rotation is sent again because its answer was lost. */
function tooSoon(ends: readonly EpochMillis[], now: EpochMillis): JitsuinError {
  return new JitsuinError(
    'webhook.rotation',
    `${MOST_SECRETS} secrets of this endpoint sign already; rotate again when the oldest has ended (Retry-After).`,
    { retryAfter: Math.ceil((Math.min(...ends) - now) / 1000) },
  );
}

async function switchTo(
  state: 'enabled' | 'disabled',
  api: WebhookApi,
  request: Request,
  response: Response,
): Promise<void> {
  const endpoint = await ownEndpoint(api, request, response);
  if (state === 'enabled') await api.addresses.requirePublic(endpoint.url);
  const next =
    endpoint.state === state ? endpoint : await update(api, { ...endpoint, state }, state, api.clock.now());
  send(response, endpointView(next));
}

async function update(
  { webhooks }: WebhookApi,
  changed: WebhookEndpoint,
  event: string,
  now: EpochMillis,
): Promise<WebhookEndpoint> {
  const next = { ...changed, revision: changed.revision + 1, updatedAt: now };
  if (await webhooks.updateEndpoint(next, audit(next, event, now))) return next;
  throw new JitsuinError('store.conflict', 'The endpoint was changed by another request at the same time.');
}

async function listDeliveries(api: WebhookApi, request: Request, response: Response): Promise<void> {
  const { id, tenant } = await ownEndpoint(api, request, response);
  const { state, cursor, limit } = readQuery(webhookDeliveryListQuerySchema, request);
  const found = await api.webhooks.listDeliveries(
    defined({
      tenant,
      endpointId: id,
      limit: limit + 1,
      state,
      after: cursor,
    }),
  );
  const items = found.slice(0, limit).map((delivery) => deliveryView(delivery));
  const last = found.length > limit ? items.at(-1) : undefined;
  send(
    response,
    defined({
      items,
      next_cursor: last === undefined ? undefined : last.id,
    }),
  );
}

async function readDelivery(api: WebhookApi, request: Request, response: Response): Promise<void> {
  const delivery = await ownDelivery(api, request, response);
  send(response, deliveryView(delivery, await api.webhooks.attempts(delivery.id)));
}

/** Once more from the start of the schedule; one that waits already is left as it is. */
async function replay(api: WebhookApi, request: Request, response: Response): Promise<void> {
  const delivery = await ownDelivery(api, request, response);
  const now = api.clock.now();
  const { id: subject, tenant } = delivery;
  if ((await api.webhooks.getEndpoint(delivery.endpointId, tenant))?.state !== 'enabled') {
    throw new JitsuinError(
      'webhook.disabled',
      'The endpoint of this delivery is switched off or deleted; enable it, or register it anew.',
    );
  }
  void (await api.webhooks.replay(delivery, now, { event: 'webhook.replayed', subject, tenant, at: now }));
  response.status(202);
  send(response, deliveryView({ ...delivery, state: 'waiting' }));
}

async function ownEndpoint(api: WebhookApi, request: Request, response: Response): Promise<WebhookEndpoint> {
  const id = idOf(request);
  const found = id === undefined ? undefined : await api.webhooks.getEndpoint(id, tenantOf(response));
  if (found === undefined)
    throw new JitsuinError('http.not-found', 'No webhook endpoint of this API key has this id.');
  return found;
}

async function ownDelivery(api: WebhookApi, request: Request, response: Response): Promise<WebhookDelivery> {
  const id = idOf(request);
  const found = id === undefined ? undefined : await api.webhooks.getDelivery(id, tenantOf(response));
  if (found === undefined)
    throw new JitsuinError('http.not-found', 'No delivery of this endpoint has this id.');
  return found;
}

function idOf(request: Request): string | undefined {
  const id = request.params['id'];
  return typeof id === 'string' && ID.test(id) ? id : undefined;
}

function audit({ id, tenant }: WebhookEndpoint, event: string, at: EpochMillis): AuditEvent {
  return { event: `webhook.${event}`, subject: id, tenant, at };
}

function send(response: Response, body: object): void {
  response.json(body);
}
