import { z } from 'zod';
import { DAY_MILLIS, HOUR_MILLIS, MINUTE_MILLIS } from '../core/spans.ts';
import { cursorQuery, idText, instantText, urlText } from './formats.ts';

/** Webhooks by the Standard Webhooks specification (v1, HMAC-SHA256). A payload holds ids and states, nothing else. */

export const WEBHOOK_EVENTS = [
  'application.decided',
  'application.refused',
  'application.failed',
  'application.restart-needed',
  'application.expired',
  'application.cancelled',
  'verification.decided',
  'verification.refused',
  'verification.expired',
  'certificate.revoked',
  'certificate.expired',
] as const;
const webhookEventSchema = z.enum(WEBHOOK_EVENTS);
export type WebhookEvent = z.infer<typeof webhookEventSchema>;

/** Sent to one endpoint when somebody asks for it, whatever it wants to hear of; `data.id` is the endpoint's. */
export const WEBHOOK_TEST = 'webhook.test';
const webhookTypeSchema = z.enum([...WEBHOOK_EVENTS, WEBHOOK_TEST]);
export type WebhookType = z.infer<typeof webhookTypeSchema>;

/**
 * Milliseconds before each attempt, counted from the one before; the first is made at once, and after the last the
 * delivery has failed (it can be replayed).
 */
export const WEBHOOK_SCHEDULE: readonly number[] = [
  0,
  5_000,
  5 * MINUTE_MILLIS,
  30 * MINUTE_MILLIS,
  2 * HOUR_MILLIS,
  5 * HOUR_MILLIS,
  10 * HOUR_MILLIS,
  14 * HOUR_MILLIS,
  20 * HOUR_MILLIS,
  DAY_MILLIS,
];

/** Deliveries that have ended, and their attempts, are shown for so long; then they are forgotten. Milliseconds. */
export const WEBHOOK_KEPT = 30 * DAY_MILLIS;

/** The body of a delivery. */
export const webhookPayloadSchema = z.strictObject({
  type: webhookTypeSchema,
  timestamp: instantText(),
  data: z.strictObject({ id: idText(), state: z.string() }),
});
export type WebhookPayload = z.infer<typeof webhookPayloadSchema>;

export const newWebhookEndpointSchema = z.strictObject({
  /** https on port 443 of a public address. */
  url: urlText().min(1).max(2048),
  /** Absent: every event. */
  events: z.array(webhookEventSchema).min(1).max(WEBHOOK_EVENTS.length).optional(),
});

export const webhookEndpointSchema = z.strictObject({
  id: idText(),
  url: urlText(),
  events: z.array(webhookEventSchema),
  /** `gone`: it answered 410; enabling it again is possible. */
  state: z.enum(['enabled', 'disabled', 'gone']),
  created_at: instantText(),
  updated_at: instantText(),
});
export type WebhookEndpointView = z.infer<typeof webhookEndpointSchema>;

/** Shown once, when it was made. */
export const webhookEndpointWithSecretSchema = webhookEndpointSchema.extend({
  /** `whsec_` and base64; several are valid while rotating. */
  secret: z.string(),
});

export const webhookEndpointListSchema = z.strictObject({ items: z.array(webhookEndpointSchema) });

export const webhookDeliveryListQuerySchema = z.strictObject({
  state: z.enum(['waiting', 'delivered', 'failed', 'dropped']).optional(),
  cursor: cursorQuery(),
  limit: z.number().int().min(1).max(100).default(20),
});

export const webhookAttemptSchema = z.strictObject({
  number: z.number().int(),
  at: instantText(),
  /** HTTP status of the answer, where there was one. */
  status: z.number().int().optional(),
  /** Our stable code, where there was none. */
  code: z.string().optional(),
  duration_ms: z.number().int(),
});

export const webhookDeliverySchema = z.strictObject({
  /** The `webhook-id` header: the same in every attempt. */
  id: idText(),
  endpoint_id: idText(),
  type: webhookTypeSchema,
  subject: z.string(),
  /** `dropped`: its endpoint was disabled or is gone. */
  state: z.enum(['waiting', 'delivered', 'failed', 'dropped']),
  attempts: z.array(webhookAttemptSchema).optional(),
  created_at: instantText(),
  updated_at: instantText(),
});
export type WebhookDeliveryView = z.infer<typeof webhookDeliverySchema>;

export const webhookDeliveryListSchema = z.strictObject({
  items: z.array(webhookDeliverySchema),
  next_cursor: idText().optional(),
});
