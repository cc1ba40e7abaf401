import type { EpochMillis } from '../../core/brand.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { QueueAdmin } from '../../ports/queue-admin.ts';
import { repeat } from '../repeat.ts';
import type { Metrics } from './metrics.ts';

interface HistorySample {
  readonly at: EpochMillis;
  readonly waiting: number;
  readonly oldestSeconds: number;
  readonly p95Millis: number;
}

const EVERY = 15_000;
/** An hour of samples. */
const KEPT = 240;

/** Looks at the queue and at this process's own answers four times a minute, and keeps an hour of it in memory. */
export function openHistory(
  metrics: Metrics,
  queue: QueueAdmin,
  clock: Clock,
  log: Log,
): { samples(): readonly HistorySample[]; close(): Promise<void> } {
  const samples: HistorySample[] = [];
  let before: ReadonlyMap<number, number> = new Map();
  const round = async () => {
    const [counts, oldest] = await Promise.all([queue.counts(), queue.oldestDue()]);
    const buckets = await answersByBucket(metrics);
    const sample = {
      at: clock.now(),
      waiting: counts.waiting,
      oldestSeconds: Math.max(0, ...Object.values(oldest)),
      p95Millis: percentile(buckets, before, 0.95) * 1000,
    };
    before = buckets;
    samples.push(sample);
    if (samples.length > KEPT) samples.shift();
  };
  const repetition = repeat(round, EVERY, log, 'history.failed');
  return { samples: () => samples, close: repetition.stop };
}

/** Upper bound in seconds → how many answers took at most so long, over all routes. */
async function answersByBucket({ registry }: Metrics): Promise<ReadonlyMap<number, number>> {
  const metric = await registry.getSingleMetric('jitsuin_http_request_seconds')?.get();
  const totals = new Map<number, number>();
  for (const { labels, value } of metric?.values ?? []) {
    const le = labels['le'];
    // sum and count have no bound
    if (le === undefined) continue;
    const bound = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le);
    totals.set(bound, (totals.get(bound) ?? 0) + value);
  }
  return totals;
}

/** The bound of the bucket in which the share is reached, of what came since `before`; seconds. */
export function percentile(
  buckets: ReadonlyMap<number, number>,
  before: ReadonlyMap<number, number>,
  share: number,
): number {
  const since = [...buckets]
    .map(([bound, count]) => ({ bound, count: count - (before.get(bound) ?? 0) }))
    .sort((a, b) => a.bound - b.bound);
  const all = since.at(-1)?.count ?? 0;
  if (all === 0) return 0;
  const reached = since.find(({ count }) => count >= all * share)?.bound ?? 0;
  return Number.isFinite(reached) ? reached : (since.at(-2)?.bound ?? 0);
}
