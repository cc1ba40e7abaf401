import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import type { WebhookAddresses } from '../../ports/webhook-addresses.ts';
import type { WebhookStore } from '../../ports/webhook-store.ts';
import { createWebhookAddresses } from './addresses.ts';
import { newWebhookSecret } from './signature.ts';

/** What the webhook routes of a role need from this side. */
export function openWebhookApi(
  config: { readonly webhookLoopback: 'refused' | 'allowed' },
  webhooks: WebhookStore,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): {
  readonly webhooks: WebhookStore;
  readonly addresses: WebhookAddresses;
  readonly newSecret: () => string;
  readonly clock: Clock;
  readonly random: Random;
} {
  const addresses = createWebhookAddresses({ loopback: config.webhookLoopback });
  return { webhooks, addresses, newSecret: newWebhookSecret, clock, random };
}
