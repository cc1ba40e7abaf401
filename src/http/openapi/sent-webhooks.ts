import { webhookPayloadSchema } from '../../contracts/webhooks.ts';
import { type JsonSchema, schemaOf } from './schemas.ts';

/** What a role sends to the endpoints of its tenants, as OpenAPI 3.1 has it under `webhooks`. */
export const WEBHOOKS: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>> = {
  stateChanged: {
    post: {
      summary: 'A state has changed',
      description:
        'Sent to every registered endpoint, signed by the Standard Webhooks specification (webhook-id, webhook-timestamp, webhook-signature).',
      requestBody: {
        required: true,
        content: { 'application/json': { schema: schemaOf(webhookPayloadSchema, 'output') } },
      },
      responses: { 200: { description: 'Taken; any 2xx will do.' } },
    },
  },
};
