import type { EpochMillis } from '../core/brand.ts';
import type { IdempotencyStore } from '../ports/idempotency-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { LoginStore } from '../ports/login-store.ts';
import type { PasskeyStore } from '../ports/passkey-store.ts';
import type { ReplayStore } from '../ports/replay-store.ts';
import type { SessionStore } from '../ports/session-store.ts';
import type { WebhookStore } from '../ports/webhook-store.ts';
import type { RelyingParty } from './relying-party.ts';
import { sweep } from './sweep.ts';

export interface HousekeepingPorts extends RelyingParty {
  readonly sessions: SessionStore;
  readonly logins: LoginStore;
  readonly replay: ReplayStore;
  readonly passkeys: Pick<PasskeyStore, 'purge'>;
  /** Milliseconds after the last login by card in which a passkey logs in. */
  readonly passkeyLife: number;
  readonly idempotency: IdempotencyStore;
  readonly queue: JobQueue;
  readonly webhooks: Pick<WebhookStore, 'purge'>;
  /** How long ended deliveries are shown; milliseconds. */
  readonly webhooksKept: number;
}

const DAY = 24 * 60 * 60_000;
/** A passkey stays listed so long after it logs nobody in any more for want of the card. */
const LISTED_ON = 30 * DAY;

/**
 * One round of everything that runs by the clock: the sweep of applications, jobs that wait to be published, and what
 * sessions, replay memory and idempotency keys no longer need.
 */
export async function housekeeping(ports: HousekeepingPorts): Promise<void> {
  const now = ports.clock.now();
  const { timedOut, purged, renewed } = await sweep(ports);
  await ports.queue.relay();
  await ports.sessions.purge(now);
  await ports.logins.purge(now);
  await ports.replay.purge(now);
  await ports.passkeys.purge(now, (now - ports.passkeyLife - LISTED_ON) as EpochMillis);
  await ports.idempotency.purge((now - DAY) as EpochMillis);
  await ports.webhooks.purge((now - ports.webhooksKept) as EpochMillis);
  const count = timedOut + purged + renewed;
  if (count > 0) ports.log.info('sweep.done', { count });
}
