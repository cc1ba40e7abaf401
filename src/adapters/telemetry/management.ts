import type { EpochMillis } from '../../core/brand.ts';
import type { Clock } from '../../ports/clock.ts';
import type { JobQueue } from '../../ports/job-queue.ts';
import type { Store } from '../store/open-store.ts';
import { oldestDueJobs } from '../store/records/queue-age.ts';
import type { Metrics } from './metrics.ts';

/** What is asked of the queue when metrics are read. */
export function askQueue(metrics: Metrics, queue: JobQueue, store: Store, clock: Clock): void {
  metrics.ask('jitsuin_queue_jobs', 'Jobs by state', 'state', async () => ({ ...(await queue.counts()) }));
  metrics.ask('jitsuin_queue_oldest_seconds', 'Age of the oldest due job', 'name', () =>
    oldestDueJobs(store, clock.now()),
  );
}

/** What standing readers and full disks have cost. */
export function askDroppedLines(metrics: Metrics, log: { dropped(): number }): void {
  const help = 'Log lines that nothing took, since the process began';
  metrics.ask('jitsuin_log_lines_dropped', help, 'log', async () => ({ lines: log.dropped() }));
}

/** Time to the end of certificates and keys; negative once it is over. `use` → instants. */
export function askExpiry(
  metrics: Metrics,
  clock: Clock,
  ends: () => Promise<Readonly<Record<string, EpochMillis>>>,
): void {
  metrics.ask('jitsuin_expiry_seconds', 'Time to the end of a certificate or key', 'use', async () =>
    Object.fromEntries(Object.entries(await ends()).map(([use, end]) => [use, (end - clock.now()) / 1000])),
  );
}

/** The ends of trust anchors by their place in their file. */
export function trustAnchorEnds(
  anchors: readonly { readonly notAfter: EpochMillis }[],
  use: 'trust-anchor' | 'tsa-anchor' = 'trust-anchor',
): Readonly<Record<string, EpochMillis>> {
  return Object.fromEntries(anchors.map(({ notAfter }, n) => [`${use}-${n + 1}`, notAfter]));
}

/** Ends under their own names, for example those of algorithms by the policy. */
export function namedEnds(
  ends: readonly { readonly use: string; readonly at: EpochMillis }[],
): Readonly<Record<string, EpochMillis>> {
  return Object.fromEntries(ends.map(({ use, at }) => [use, at]));
}

/** When decryption keys that were replaced open no bundle any more; a number instead of the key's id. */
export function overlapEnds(
  keys: readonly { readonly state: string; readonly overlapUntil?: number | undefined }[],
): Readonly<Record<string, EpochMillis>> {
  const ends = keys.flatMap(({ state, overlapUntil }) =>
    state === 'overlap' && overlapUntil !== undefined ? [overlapUntil as EpochMillis] : [],
  );
  return Object.fromEntries(ends.map((end, n) => [`decryption-key-${n + 1}`, end]));
}
