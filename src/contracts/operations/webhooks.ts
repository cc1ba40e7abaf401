import { defined } from '../../core/defined.ts';
import {
  newWebhookEndpointSchema,
  WEBHOOK_SCHEDULE,
  webhookDeliveryListQuerySchema,
  webhookDeliveryListSchema,
  webhookDeliverySchema,
  webhookEndpointListSchema,
  webhookEndpointSchema,
  webhookEndpointWithSecretSchema,
} from '../webhooks.ts';
import { json, type Operation } from './operation.ts';

const TAG = 'webhooks';
const ENDPOINT = '/v1/webhook-endpoints/{id}';
const DELIVERY = '/v1/webhook-deliveries/{id}';
const WAITS = WEBHOOK_SCHEDULE.map((millis) => `${millis / 1000} s`).join(', ');

type Shape = Pick<Operation, 'id' | 'method' | 'path' | 'summary' | 'description' | 'answers'> &
  Partial<Operation>;

const operation = (shape: Shape): Operation =>
  defined({
    tag: TAG,
    authentication: 'tenant',
    scope: shape.method === 'get' ? undefined : 'webhooks',
    problems: ['http.not-found'],
    ...shape,
  });

export const WEBHOOK_OPERATIONS: readonly Operation[] = [
  operation({
    id: 'createWebhookEndpoint',
    registers: 'endpoint',
    method: 'post',
    path: '/v1/webhook-endpoints',
    summary: 'Register where to be told of state changes',
    description:
      'Signed by the Standard Webhooks specification (v1, HMAC-SHA256); refuse a webhook-timestamp ' +
      'that is more than 300 s off. At least once, in no order: remember webhook-id. Answer 2xx ' +
      'within 15 s (the body of the answer is not read, Retry-After is kept to up to a day); ' +
      'redirects are not followed; 410 switches the endpoint off. Attempts are made after ' +
      `${WAITS}, each counted from the one before.`,
    bodies: [{ mediaType: 'application/json', schema: newWebhookEndpointSchema }],
    answers: {
      201: json('It is registered; the secret is shown only now.', webhookEndpointWithSecretSchema, {
        Location: 'Where it can be read.',
      }),
    },
    problems: [
      ...(['webhook.url', 'webhook.address', 'webhook.exists', 'webhook.limit'] as const),
      ...(['http.media-type', 'http.body-size'] as const),
    ],
  }),
  operation({
    id: 'listWebhookEndpoints',
    method: 'get',
    path: '/v1/webhook-endpoints',
    summary: 'List the endpoints',
    description: 'There are few of them: one page holds all. Secrets are not shown again.',
    answers: { 200: json('All of them.', webhookEndpointListSchema) },
    problems: [],
  }),
  operation({
    id: 'readWebhookEndpoint',
    method: 'get',
    path: ENDPOINT,
    summary: 'Read an endpoint',
    description: 'Its secret is not shown again.',
    answers: { 200: json('As it is now.', webhookEndpointSchema) },
  }),
  operation({
    id: 'deleteWebhookEndpoint',
    method: 'delete',
    path: ENDPOINT,
    summary: 'Forget an endpoint with all its deliveries',
    description: 'What waits is not sent. To stop for a while, disable it.',
    answers: { 204: { description: 'It is gone.' } },
  }),
  operation({
    id: 'rotateWebhookSecret',
    method: 'post',
    path: `${ENDPOINT}/rotate-secret`,
    summary: 'Make a new secret',
    description:
      'The one before signs beside it for 24 hours. At most three sign at once: a rotation beyond ' +
      'is refused, so that a deployed secret never ends early.',
    answers: { 200: json('The new secret is shown only now.', webhookEndpointWithSecretSchema) },
    problems: ['http.not-found', 'store.conflict', 'webhook.rotation'],
  }),
  operation({
    id: 'enableWebhookEndpoint',
    method: 'post',
    path: `${ENDPOINT}/enable`,
    repeatable: true,
    summary: 'Switch an endpoint on',
    description: 'Also one that was switched off because it answered 410.',
    answers: { 200: json('It is on.', webhookEndpointSchema) },
    problems: ['http.not-found', 'store.conflict', 'webhook.url', 'webhook.address'],
  }),
  operation({
    id: 'disableWebhookEndpoint',
    method: 'post',
    path: `${ENDPOINT}/disable`,
    repeatable: true,
    summary: 'Switch an endpoint off',
    description: 'What waits is dropped and can be replayed; what happens meanwhile is not told.',
    answers: { 200: json('It is off.', webhookEndpointSchema) },
    problems: ['http.not-found', 'store.conflict'],
  }),
  operation({
    id: 'testWebhookEndpoint',
    method: 'post',
    path: `${ENDPOINT}/test`,
    summary: 'Send a test event to an endpoint',
    description:
      'Of type webhook.test, signed and delivered as every other one, whatever the endpoint wants to hear of; ' +
      "data.id is the endpoint's.",
    answers: { 202: json('It waits.', webhookDeliverySchema, { Location: 'Where it can be read.' }) },
    problems: ['http.not-found', 'webhook.disabled'],
  }),
  operation({
    id: 'listWebhookDeliveries',
    method: 'get',
    path: `${ENDPOINT}/deliveries`,
    summary: 'List the deliveries of an endpoint, newest first',
    description: 'Without their attempts. What has ended is shown for 30 days.',
    query: webhookDeliveryListQuerySchema,
    answers: { 200: json('One page.', webhookDeliveryListSchema) },
  }),
  operation({
    id: 'readWebhookDelivery',
    method: 'get',
    path: DELIVERY,
    summary: 'Read a delivery with every attempt',
    description: 'Each attempt has the status that was answered, or a code where nothing was.',
    answers: { 200: json('As it is now.', webhookDeliverySchema) },
  }),
  operation({
    id: 'replayWebhookDelivery',
    method: 'post',
    path: `${DELIVERY}/replay`,
    summary: 'Deliver once more, from the start of the schedule',
    description: 'With the same webhook-id. Refused while its endpoint is switched off.',
    answers: { 202: json('It waits.', webhookDeliverySchema) },
    problems: ['http.not-found', 'webhook.disabled'],
  }),
];
