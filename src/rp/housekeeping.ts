import { allSteps } from '../core/all-steps.ts';
import type { EpochMillis } from '../core/brand.ts';
import { DAY_MILLIS } from '../core/spans.ts';
import type { IdempotencyStore } from '../ports/idempotency-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { LoginStore } from '../ports/login-store.ts';
import type { PasskeyStore } from '../ports/passkey-store.ts';
import type { ReplayStore } from '../ports/replay-store.ts';
import type { SessionStore } from '../ports/session-store.ts';
import type { StaffStore } from '../ports/staff-store.ts';
import type { WaitingStore } from '../ports/waiting-store.ts';
import type { WebhookStore } from '../ports/webhook-store.ts';
import type { RelyingParty } from './relying-party.ts';
import { sweep } from './sweep.ts';
import { PLACE_KEPT } from './waiting-room.ts';

export interface HousekeepingPorts extends RelyingParty {
  readonly sessions: SessionStore;
  readonly logins: LoginStore;
  readonly replay: ReplayStore;
  readonly passkeys: Pick<PasskeyStore, 'purge'>;
  /** Milliseconds after the last login by card in which a passkey logs in. */
  readonly passkeyLife: number;
  readonly operators: Pick<StaffStore, 'purge'>;
  readonly idempotency: IdempotencyStore;
  readonly waiting: Pick<WaitingStore, 'purge'>;
  readonly queue: JobQueue;
  readonly webhooks: Pick<WebhookStore, 'purge'>;
  /** How long ended deliveries are shown; milliseconds. */
  readonly webhooksKept: number;
}

/** A passkey stays listed so long after it logs nobody in any more for want of the card. */
const LISTED_ON = 30 * DAY_MILLIS;

/**
 * One round of everything that runs by the clock: the sweep of applications, jobs that wait to be published, and
 * what sessions, logins, invitations, replay memory, idempotency keys and shown deliveries no longer need. A step
 * that fails stops no other.
 */
export function housekeeping(ports: HousekeepingPorts): Promise<void> {
  const now = ports.clock.now();
  const before = (life: number) => (now - life) as EpochMillis;
  return allSteps([
    () => sweepAndTell(ports),
    () => ports.queue.relay(),
    () => ports.sessions.purge(now),
    () => ports.logins.purge(now),
    () => ports.replay.purge(now),
    () => ports.passkeys.purge(now, before(ports.passkeyLife + LISTED_ON)),
    () => ports.operators.purge(now),
    () => ports.idempotency.purge(before(DAY_MILLIS)),
    () => ports.waiting.purge(before(PLACE_KEPT)),
    () => ports.webhooks.purge(before(ports.webhooksKept)),
  ]);
}

async function sweepAndTell(ports: HousekeepingPorts): Promise<void> {
  const { timedOut, purged, renewed } = await sweep(ports);
  const count = timedOut + purged + renewed;
  if (count > 0) ports.log.info('sweep.done', { count });
}
