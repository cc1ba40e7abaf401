import { z } from 'zod';
import { defined } from '../core/defined.ts';
import { VERSION } from '../core/version.ts';
import { clientSchema, faultSchema, logoutSchema, revocationSchema } from './admin-schemas.ts';

type Json = Readonly<Record<string, unknown>>;

interface Call {
  readonly id: string;
  readonly method: 'get' | 'post' | 'delete';
  readonly path: string;
  readonly summary: string;
  readonly body?: z.ZodType;
  /** The body may be left out. */
  readonly optional?: true;
  readonly status: 200 | 201 | 204;
  readonly mediaType?: string;
}

/** What other processes set the scene with; what the service itself offers is the agency's to describe. */
const CALLS: readonly Call[] = [
  {
    id: 'listPeople',
    method: 'get',
    path: '/simulator/people',
    summary: 'People and their cards',
    status: 200,
  },
  {
    id: 'listClients',
    method: 'get',
    path: '/simulator/clients',
    summary: 'Registered clients',
    status: 200,
  },
  {
    id: 'registerClient',
    method: 'post',
    path: '/simulator/clients',
    status: 201,
    summary: 'Register a client, or change it',
    body: clientSchema,
  },
  {
    id: 'removeClient',
    method: 'delete',
    path: '/simulator/clients/{id}',
    status: 204,
    summary: 'Forget a client',
  },
  {
    id: 'readClientSchema',
    method: 'get',
    path: '/simulator/client.schema.json',
    status: 200,
    summary: 'The JSON Schema of a client',
    mediaType: 'application/schema+json',
  },
  {
    id: 'listRequests',
    method: 'get',
    path: '/simulator/requests',
    status: 200,
    summary: 'What was asked of the simulator, oldest first',
  },
  {
    id: 'listFaults',
    method: 'get',
    path: '/simulator/faults',
    status: 200,
    summary: 'Faults that there are, and those that wait',
  },
  {
    id: 'injectFault',
    method: 'post',
    path: '/simulator/faults',
    status: 201,
    summary: 'Have the next calls of an endpoint fail',
    body: faultSchema,
  },
  {
    id: 'clearFaults',
    method: 'delete',
    path: '/simulator/faults',
    status: 204,
    summary: 'Take back the faults that wait',
  },
  {
    id: 'sendLogout',
    method: 'post',
    path: '/simulator/logout',
    status: 200,
    summary: 'Send a back-channel logout',
    body: logoutSchema,
  },
  {
    id: 'unlockCard',
    method: 'post',
    path: '/simulator/cards/{id}/unlock',
    status: 204,
    summary: 'Unlock the card of a person',
  },
  {
    id: 'revokeCard',
    method: 'post',
    path: '/simulator/cards/{id}/revoke',
    status: 204,
    summary: 'Revoke the signing certificate of a card',
    body: revocationSchema,
    optional: true,
  },
  {
    id: 'restoreCard',
    method: 'post',
    path: '/simulator/cards/{id}/restore',
    status: 204,
    summary: 'Take a revocation back',
  },
  {
    id: 'readTrustAnchors',
    method: 'get',
    path: '/simulator/trust-anchors.pem',
    status: 200,
    summary: 'Anchors of the simulated JPKI',
    mediaType: 'application/x-pem-file',
  },
  {
    id: 'readDocument',
    method: 'get',
    path: '/simulator/openapi.json',
    status: 200,
    summary: 'This document',
  },
] as const satisfies readonly Call[];

const REFUSED: Json = {
  description: 'The body or its parameters are not acceptable; `at` is the place.',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        properties: { error: { type: 'string' }, at: { type: 'string' } },
        required: ['error'],
      },
    },
  },
};
const CLOSED: Json = { description: 'Only this machine may set the scene (JITSUIN_SIMULATOR_CONTROLS).' };
const UNKNOWN: Json = { description: 'There is none of this id.' };

/** OpenAPI 3.1 of the simulator's own calls, below `/simulator/`; none of them exists at the real service. */
export function simulatorDocument(serverUrl = '/'): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const call of CALLS) paths[call.path] = { ...paths[call.path], [call.method]: operationOf(call) };
  return {
    openapi: '3.1.1',
    info: {
      title: 'jitsuin simulator',
      version: VERSION,
      description: 'How a test sets the scene: people, cards, clients and faults of the pretended world.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: serverUrl }],
    tags: [{ name: 'scene', description: 'Nothing of it exists at the real service.' }],
    paths,
  };
}

function operationOf({ id, summary, path, body, optional, status, mediaType }: Call): Json {
  const named = path.includes('{id}');
  const content = { [mediaType ?? 'application/json']: { schema: mediaType === undefined ? {} : TEXT } };
  return defined({
    operationId: id,
    tags: ['scene'],
    summary,
    description: `${summary}.`,
    security: [],
    parameters: named
      ? [{ name: 'id', in: 'path', required: true, description: 'Of the list.', schema: TEXT }]
      : undefined,
    requestBody:
      body === undefined
        ? undefined
        : { required: optional !== true, content: { 'application/json': { schema: schemaOf(body) } } },
    responses: defined({
      [status]: status === 204 ? { description: 'Done.' } : { description: summary, content },
      400: body === undefined ? undefined : REFUSED,
      403: CLOSED,
      404: named ? UNKNOWN : undefined,
    }),
  });
}

const TEXT: Json = { type: 'string' };

function schemaOf(schema: z.ZodType): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}
