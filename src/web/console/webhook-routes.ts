import type { TenantId } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import { UUID } from '../../core/uuid.ts';
import { replayDelivery, sendTestEvent, switchEndpoint } from '../../http/webhooks/endpoints.ts';
import type { WebhookDelivery, WebhookEndpoint } from '../../ports/webhook-store.ts';
import type { ConsoleRequest, ConsoleRoute } from './console.ts';
import type { ConsoleWebhooks } from './console-ports.ts';
import { textQuery } from './query.ts';
import { deliveryPage, endpointPage, webhooksPage } from './webhook-pages.ts';

const PAGE = 50;
const TENANT = /^[0-9A-Za-z_-]{1,64}$/;
const ENDPOINT = '/console/webhooks/:tenant/:id';
const DELIVERY = '/console/webhook-deliveries/:tenant/:id';

export const WEBHOOK_ROUTES: readonly ConsoleRoute[] = [
  { method: 'get', path: '/console/webhooks', act: 'webhooks.read', handle: list },
  { method: 'get', path: ENDPOINT, act: 'webhooks.read', handle: showEndpoint },
  { method: 'post', path: `${ENDPOINT}/test`, act: 'webhooks.change', handle: test },
  {
    method: 'post',
    path: `${ENDPOINT}/enable`,
    act: 'webhooks.change',
    handle: (asked) => switchTo(asked, 'enabled'),
  },
  {
    method: 'post',
    path: `${ENDPOINT}/disable`,
    act: 'webhooks.change',
    handle: (asked) => switchTo(asked, 'disabled'),
  },
  { method: 'get', path: DELIVERY, act: 'webhooks.read', handle: showDelivery },
  { method: 'post', path: `${DELIVERY}/replay`, act: 'webhooks.change', handle: replay },
];

function portOf({ console }: ConsoleRequest): ConsoleWebhooks {
  if (console.webhooks === undefined) throw new JitsuinError('http.not-found', 'No webhooks are sent here.');
  return console.webhooks;
}

async function list(asked: ConsoleRequest): Promise<void> {
  const { api, tenants } = portOf(asked);
  const known = tenants();
  const { tenant = known[0] } = textQuery(asked.request, { tenant: TENANT });
  const endpoints = tenant === undefined ? [] : await api.webhooks.listEndpoints(tenant as TenantId);
  asked.response.type('html').send(webhooksPage(asked, defined({ known, tenant, endpoints })));
}

async function showEndpoint(asked: ConsoleRequest): Promise<void> {
  const endpoint = await foundEndpoint(asked);
  const { after } = textQuery(asked.request, { after: UUID });
  const found = await portOf(asked).api.webhooks.listDeliveries(
    defined({ tenant: endpoint.tenant, endpointId: endpoint.id, after, limit: PAGE + 1 }),
  );
  const deliveries = found.slice(0, PAGE);
  const next = found.length > PAGE ? deliveries.at(-1)?.id : undefined;
  asked.response.type('html').send(endpointPage(asked, endpoint, defined({ deliveries, next })));
}

async function showDelivery(asked: ConsoleRequest): Promise<void> {
  const delivery = await foundDelivery(asked);
  const { webhooks } = portOf(asked).api;
  const [attempts, endpoint] = await Promise.all([
    webhooks.attempts(delivery.id),
    webhooks.getEndpoint(delivery.endpointId, delivery.tenant),
  ]);
  asked.response.type('html').send(deliveryPage(asked, delivery, defined({ attempts, endpoint })));
}

async function test(asked: ConsoleRequest): Promise<void> {
  const endpoint = await foundEndpoint(asked);
  const { id, tenant } = await sendTestEvent(portOf(asked).api, endpoint, by(asked));
  asked.response.redirect(303, `/console/webhook-deliveries/${tenant}/${id}`);
}

async function switchTo(asked: ConsoleRequest, state: 'enabled' | 'disabled'): Promise<void> {
  const endpoint = await foundEndpoint(asked);
  await switchEndpoint(portOf(asked).api, endpoint, state, by(asked));
  asked.response.redirect(303, `/console/webhooks/${endpoint.tenant}/${endpoint.id}`);
}

async function replay(asked: ConsoleRequest): Promise<void> {
  const delivery = await foundDelivery(asked);
  await replayDelivery(portOf(asked).api, delivery, by(asked));
  asked.response.redirect(303, `/console/webhook-deliveries/${delivery.tenant}/${delivery.id}`);
}

function by({ operator }: ConsoleRequest) {
  return { operator: operator.id };
}

/** Tenant and id of the path, where both have their form. */
function placeOf({
  request,
}: ConsoleRequest): { readonly tenant: TenantId; readonly id: string } | undefined {
  const { tenant, id } = request.params;
  if (typeof tenant !== 'string' || typeof id !== 'string' || !TENANT.test(tenant) || !UUID.test(id)) return;
  return { tenant: tenant as TenantId, id };
}

async function foundEndpoint(asked: ConsoleRequest): Promise<WebhookEndpoint> {
  const place = placeOf(asked);
  const found = place && (await portOf(asked).api.webhooks.getEndpoint(place.id, place.tenant));
  if (found === undefined) throw new JitsuinError('http.not-found', 'No endpoint here has this id.');
  return found;
}

async function foundDelivery(asked: ConsoleRequest): Promise<WebhookDelivery> {
  const place = placeOf(asked);
  const found = place && (await portOf(asked).api.webhooks.getDelivery(place.id, place.tenant));
  if (found === undefined) throw new JitsuinError('http.not-found', 'No delivery here has this id.');
  return found;
}
