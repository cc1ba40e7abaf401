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

type AnyHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** Seconds by which the timestamp may be off (Standard Webhooks, Verifying webhooks). */
const TOLERANCE = 300;
const HMAC = { name: 'HMAC', hash: 'SHA-256' } as const;
const PREFIX = 'whsec_';

/**
 * Judges a delivery by the Standard Webhooks specification: signature over the very octets, and a timestamp at most
 * five minutes off. The platform's WebCrypto does HMAC and the comparison.
 * @param body the request's body as it came, not parsed and serialized again
 * @param secrets `whsec_…`; two while rotating
 * @throws JitsuinWebhookRefused (the promise is rejected)
 */
export async function verifyWebhook(
  headers: AnyHeaders,
  body: string,
  secrets: string | readonly string[],
): Promise<ReceivedWebhook> {
  const id = headerOf(headers, 'webhook-id');
  const timestamp = headerOf(headers, 'webhook-timestamp');
  if (!/^[0-9]{1,12}$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE) {
    throw new JitsuinWebhookRefused(
      'webhook-timestamp is more than 300 seconds off this clock, or is not there.',
    );
  }
  const content = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const signatures = signaturesOf(headerOf(headers, 'webhook-signature'));
  for (const secret of typeof secrets === 'string' ? [secrets] : secrets) {
    const key = await hmacKey(secret);
    for (const signature of signatures) {
      if (await crypto.subtle.verify(HMAC, key, signature, content)) return { id, ...payloadOf(body) };
    }
  }
  throw new JitsuinWebhookRefused('The webhook is not signed with one of the secrets.');
}

/** Those of version 1; several, separated by blanks, while a secret is rotated. */
function signaturesOf(header: string): readonly Uint8Array<ArrayBuffer>[] {
  return header
    .split(' ')
    .filter((part) => part.startsWith('v1,'))
    .flatMap((part) => octetsOf(part.slice('v1,'.length)) ?? []);
}

async function hmacKey(secret: string) {
  const octets = octetsOf(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret);
  if (octets === undefined || octets.length === 0) {
    throw new TypeError('A webhook secret is "whsec_" and base64, as createWebhookEndpoint gave it.');
  }
  return crypto.subtle.importKey('raw', octets, HMAC, false, ['verify']);
}

/** base64 → octets; undefined where it is none. */
function octetsOf(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function headerOf(headers: AnyHeaders, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : headers[name];
  return typeof value === 'string' ? value : '';
}

/** It is signed, so its form is the server's own; only what is no object at all is refused. */
function payloadOf(body: string): WebhookPayload {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new JitsuinWebhookRefused('The webhook is not JSON.');
  }
  if (typeof value !== 'object' || value === null || !('type' in value) || !('data' in value)) {
    throw new JitsuinWebhookRefused('The webhook has no event.');
  }
  return value as WebhookPayload;
}
