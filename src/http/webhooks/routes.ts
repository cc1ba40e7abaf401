import type { Express, Request, RequestHandler, Response } from 'express';
import {
  newWebhookEndpointSchema,
  WEBHOOK_EVENTS,
  webhookDeliveryListQuerySchema,
} from '../../contracts/webhooks.ts';
import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { WebhookDelivery, WebhookEndpoint } from '../../ports/webhook-store.ts';
import { octetsBody } from '../body.ts';
import { readQuery } from '../read-query.ts';
import { strictBody } from '../strict-body.ts';
import { authenticate, type TenantJudge, tenantOf } from '../tenants.ts';
import {
  replayDelivery,
  rotateSecret,
  sendTestEvent,
  switchEndpoint,
  type WebhookApi,
  webhookAudit,
} from './endpoints.ts';
import { deliveryView, endpointView } from './views.ts';

const ENDPOINTS = '/v1/webhook-endpoints';
const DELIVERIES = '/v1/webhook-deliveries';
const BODY_LIMIT = 8_192;
const MOST_ENDPOINTS = 10;
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
  app.post(`${ENDPOINTS}/:id/test`, tenant, on(test));
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
  const registered = webhookAudit(endpoint, 'registered', now);
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
  await api.webhooks.deleteEndpoint(endpoint, webhookAudit(endpoint, 'deleted', api.clock.now()));
  response.status(204).end();
}

async function rotate(api: WebhookApi, request: Request, response: Response): Promise<void> {
  const { secret, endpoint } = await rotateSecret(api, await ownEndpoint(api, request, response));
  send(response, { ...endpointView(endpoint), secret });
}

async function switchTo(
  state: 'enabled' | 'disabled',
  api: WebhookApi,
  request: Request,
  response: Response,
): Promise<void> {
  const endpoint = await ownEndpoint(api, request, response);
  send(response, endpointView(await switchEndpoint(api, endpoint, state)));
}

async function test(api: WebhookApi, request: Request, response: Response): Promise<void> {
  const delivery = await sendTestEvent(api, await ownEndpoint(api, request, response));
  response.status(202).location(`${DELIVERIES}/${delivery.id}`);
  send(response, deliveryView(delivery));
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

async function replay(api: WebhookApi, request: Request, response: Response): Promise<void> {
  const delivery = await ownDelivery(api, request, response);
  await replayDelivery(api, delivery);
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

function send(response: Response, body: object): void {
  response.json(body);
}
