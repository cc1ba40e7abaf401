import { Webhook } from 'standardwebhooks';
import type { WebhookPayload } from './generated/sp.ts';

export type { WebhookPayload };

/** A webhook that is really from jitsuin. The same `id` may come again: remember it. */
export interface ReceivedWebhook extends WebhookPayload {
  readonly id: string;
}

/** Not signed with one of the secrets, too old, or not for now. Answer 400 and do nothing. */
export class JitsuinWebhookRefused extends Error {
  override readonly name = 'JitsuinWebhookRefused';
}

/**
 * Judges a delivery by the Standard Webhooks specification: signature over the very octets, and a timestamp at most
 * five minutes off.
 * @param body the request's body as it came, not parsed and serialized again
 * @param secrets `whsec_…`; two while rotating
 * @throws JitsuinWebhookRefused
 */
export function verifyWebhook(
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>,
  body: string,
  secrets: string | readonly string[],
): ReceivedWebhook {
  const signed = {
    'webhook-id': headerOf(headers, 'webhook-id'),
    'webhook-timestamp': headerOf(headers, 'webhook-timestamp'),
    'webhook-signature': headerOf(headers, 'webhook-signature'),
  };
  let refusal: unknown;
  for (const secret of typeof secrets === 'string' ? [secrets] : secrets) {
    try {
      return { id: signed['webhook-id'], ...payloadOf(new Webhook(secret).verify(body, signed)) };
    } catch (thrown) {
      refusal = thrown;
    }
  }
  throw new JitsuinWebhookRefused('The webhook is not signed with one of the secrets.', { cause: refusal });
}

function headerOf(
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>,
  name: string,
): string {
  const value = headers instanceof Headers ? headers.get(name) : headers[name];
  return typeof value === 'string' ? value : '';
}

/** It is signed, so its form is the server's own; only what is no object at all is refused. */
function payloadOf(value: unknown): WebhookPayload {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('data' in value)) {
    throw new JitsuinWebhookRefused('The webhook has no event.');
  }
  return value as WebhookPayload;
}
