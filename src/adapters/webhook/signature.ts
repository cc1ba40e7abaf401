import { createHmac, randomBytes } from 'node:crypto';
import type { EpochMillis } from '../../core/brand.ts';
import type { WebhookSecret } from '../../ports/webhook-store.ts';

const PREFIX = 'whsec_';
const SECRET_OCTETS = 32;

/** A new secret: `whsec_` and base64 of 32 random octets (Standard Webhooks, Signature scheme). */
export function newWebhookSecret(): string {
  return `${PREFIX}${randomBytes(SECRET_OCTETS).toString('base64')}`;
}

/**
 * Headers of one attempt: `webhook-signature` holds a `v1,` signature (HMAC-SHA256 over `id.timestamp.payload`,
 * base64) for each secret that is still valid, so that receivers can change at their own time.
 */
export function signedHeaders(
  message: { readonly id: string; readonly payload: string },
  secrets: readonly WebhookSecret[],
  now: EpochMillis,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1000));
  const content = `${message.id}.${timestamp}.${message.payload}`;
  const valid = secrets.filter(({ retiresAt }) => retiresAt === undefined || now < retiresAt);
  const signatures = valid.map(({ value }) => {
    const key = Buffer.from(value.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(content, 'utf8').digest('base64')}`;
  });
  return {
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
