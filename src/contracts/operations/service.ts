import { z } from 'zod';
import type { Operation } from './operation.ts';
import { codesUnder, json } from './operation.ts';

export const livenessSchema = z.strictObject({ status: z.literal('ok') });
export const readinessCheckSchema = z.strictObject({
  name: z.string(),
  ok: z.boolean(),
  /** Where `ok` is false: a stable code; on the management port a sentence after it. */
  reason: z.string().optional(),
});
export const readinessSchema = z.strictObject({
  status: z.enum(['ok', 'not-ready']),
  checks: z.array(readinessCheckSchema),
});

/** An OpenAPI document as one who reads it first meets it; its inside is OpenAPI's own. */
export const openApiSchema = z.looseObject({ openapi: z.string() });

const TAG = 'service';

export const SERVICE_OPERATIONS: readonly Operation[] = [
  {
    id: 'livez',
    method: 'get',
    path: '/livez',
    tag: TAG,
    summary: 'Whether the process runs',
    description: 'For who restarts processes; it looks at nothing outside the process.',
    authentication: 'none',
    answers: { 200: json('It runs.', livenessSchema) },
    problems: [],
  },
  {
    id: 'readyz',
    method: 'get',
    path: '/readyz',
    tag: TAG,
    summary: 'Whether it may be given work',
    description: 'For load balancers: store, queue and worker are tried. A check that fails has a reason.',
    authentication: 'none',
    answers: {
      200: json('Every check passed.', readinessSchema),
      503: json('A check failed.', readinessSchema),
    },
    problems: [],
  },
  {
    id: 'readOpenApi',
    method: 'get',
    path: '/openapi.json',
    tag: TAG,
    summary: 'This document',
    description: 'Made from the same contracts that requests are judged by.',
    authentication: 'none',
    answers: { 200: json('OpenAPI 3.1.', openApiSchema) },
    problems: [],
  },
  {
    id: 'readDocs',
    method: 'get',
    path: '/docs',
    tag: TAG,
    summary: 'This document as a page',
    description: 'For people: each operation with its parameters, answers and an example of a call.',
    authentication: 'none',
    answers: { 200: { description: 'A page.', body: { mediaType: 'text/html', schema: 'text' } } },
    problems: [],
  },
];

/** Called by the service, not by tenants. */
export const LOGOUT_OPERATION: Operation = {
  id: 'backChannelLogout',
  method: 'post',
  path: '/backchannel-logout',
  tag: 'the service',
  summary: 'Back-channel logout (OpenID Connect Back-Channel Logout 1.0)',
  description: 'Called by デジタル認証アプリ with a logout token that it signed. Every refusal is 400.',
  authentication: 'none',
  bodies: [
    {
      mediaType: 'application/x-www-form-urlencoded',
      schema: z.object({ logout_token: z.string() }),
    },
  ],
  answers: { 200: { description: 'Done, or done before.' } },
  problems: ['http.body-size'],
  refusals: { status: 400, codes: [...codesUnder('oidc.', 'upstream.'), 'http.media-type'] },
};
