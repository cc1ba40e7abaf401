import { randomUUID } from 'node:crypto';
import { JitsuinError } from '../core/errors.ts';
import { MINUTE_MILLIS } from '../core/spans.ts';
import type { Clock } from '../ports/clock.ts';
import type { LeaseStore } from '../ports/lease-store.ts';
import type { Log } from '../ports/log.ts';
import { type Repetition, repeat } from './repeat.ts';

const NAME = 'worker-heartbeat';
/** Milliseconds between two beats of a worker. */
const PAUSE = 10_000;
/** A worker that was not heard for so long does not run; ms. */
export const WORKER_SILENCE = MINUTE_MILLIS;

/**
 * Tells in the store, again and again, that a worker of this role runs, as long as it takes work. All workers share one
 * beat.
 */
export function beatAsWorker(
  leases: LeaseStore,
  clock: Clock,
  log: Log,
  takesWork: () => boolean = () => true,
): Repetition {
  const owner = randomUUID();
  const beat = async () => {
    if (!takesWork()) return;
    const now = clock.now();
    const until = (now + 1) as typeof now;
    if (!(await leases.acquire(NAME, owner, now, until))) return;
    const end = (now + WORKER_SILENCE) as typeof now;
    await leases.write(NAME, owner, new TextEncoder().encode(String(now)), end);
  };
  return repeat(beat, PAUSE, log, 'worker-heartbeat.failed');
}

/** Milliseconds since a worker was heard last; undefined when none ever was. */
export async function sinceWorkerWasHeard(leases: LeaseStore, clock: Clock): Promise<number | undefined> {
  const beat = await leases.read(NAME);
  if (beat === undefined) return undefined;
  return Math.max(0, clock.now() + WORKER_SILENCE - beat.expiresAt);
}

/** @throws JitsuinError `queue.unavailable` while no worker of this role runs */
export async function requireWorker(role: string, leases: LeaseStore, clock: Clock): Promise<void> {
  const since = await sinceWorkerWasHeard(leases, clock);
  if (since !== undefined && since <= WORKER_SILENCE) return;
  const heard =
    since === undefined ? 'None has ever been heard' : `The last was heard ${Math.round(since / 1000)} s ago`;
  throw new JitsuinError(
    'queue.unavailable',
    `No worker runs, so no result is fetched and nothing is judged or delivered. ${heard}: start ` +
      `"jitsuin worker --role ${role}".`,
  );
}
