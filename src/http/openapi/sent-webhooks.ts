import { webhookPayloadSchema } from '../../contracts/webhooks.ts';
import { exampleOf } from './examples.ts';
import { type JsonSchema, schemaOf } from './schemas.ts';

const sentHeader = (name: string, description: string, schema: JsonSchema): JsonSchema => ({
  name,
  in: 'header',
  required: true,
  description,
  schema,
});

/** The URL that the body of the registering call names (OpenAPI 3.1, section 4.8.20.3: runtime expressions). */
const REGISTERED = '{$request.body#/url}';

/**
 * What a role sends to an endpoint of a tenant, as the callbacks of the call that registers it. Under `webhooks` of the
 * document stands what is registered elsewhere; besides, generators that read `webhooks` make clients of it that do not
 * compile (openapi-generator 7.25, python and typescript-fetch).
 */
export const SENT_TO_ENDPOINTS: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>> = {
  stateChanged: {
    [REGISTERED]: {
      post: {
        operationId: 'stateChanged',
        tags: ['webhooks'],
        // it carries a signature, no credential
        security: [],
        summary: 'A state has changed',
        description:
          'Sent to every registered endpoint, signed by the Standard Webhooks specification ' +
          '(webhook-id, webhook-timestamp, webhook-signature).',
        parameters: [
          sentHeader('webhook-id', 'The same in every attempt of one delivery.', {
            type: 'string',
            format: 'uuid',
          }),
          sentHeader('webhook-timestamp', 'Seconds since 1970; refuse more than 300 s off.', {
            type: 'integer',
          }),
          sentHeader(
            'webhook-signature',
            '`v1,` and base64 of HMAC-SHA256; several, separated by blanks, while a secret is rotated.',
            {
              type: 'string',
            },
          ),
        ],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: schemaOf(webhookPayloadSchema, 'output'),
              example: exampleOf(webhookPayloadSchema),
            },
          },
        },
        responses: {
          200: { description: 'Taken; any 2xx will do.' },
          410: { description: 'No more, please: the endpoint is switched off.' },
        },
      },
    },
  },
};
