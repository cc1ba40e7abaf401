import { setMaxListeners } from 'node:events';
import { MINUTE_MILLIS } from '../../core/spans.ts';
import { Elsewhere, type Fate, live, spread } from './citizen.ts';
import { outage, waited } from './outages.ts';
import type { Place } from './place.ts';
import { arrivalsOf, type RehearsalPlan } from './plan.ts';
import { type RehearsalReport, reportOf } from './report.ts';

/**
 * The whole plan against a place, in bounded time.
 * @throws Error when it was stopped, or the deployment is not what the plan says
 */
export async function rehearse(
  place: Place,
  plan: RehearsalPlan,
  io: { readonly signal: AbortSignal; readonly tell: (text: string) => void },
): Promise<RehearsalReport> {
  const over = new AbortController();
  const signal = AbortSignal.any([io.signal, over.signal]);
  setMaxListeners(0, signal, over.signal); // each citizen who waits has one
  const started = performance.now();
  const real = (planMillis: number) => planMillis / plan.times_faster;
  const spans = plan.outages.map((one) => {
    const after = real(one.from * MINUTE_MILLIS);
    const lasts = real(one.minutes * MINUTE_MILLIS);
    return { one, after, lasts, of: one.of, from: started + after, to: started + after + lasts };
  });
  const failed: unknown[] = [];
  const fail = (thrown: unknown) => {
    failed.push(thrown);
    over.abort();
  };
  const scripts = spans.map(({ one, ...span }) => outage(place, one, span, signal).catch(fail));
  const fates: Fate[] = [];
  const lives: Promise<void>[] = [];
  for (const [n, arrival] of arrivalsOf(plan).entries()) {
    if (!(await waited(started + real(arrival) - performance.now(), signal))) break;
    const fate: Fate = { came: performance.now(), meant: meantBy(plan, n), waits: {}, again: 0 };
    fates.push(fate);
    lives.push(live({ place, plan, signal }, n, fate).catch(fail));
    if (fates.length % 100 === 0) io.tell(`${fates.length} applications have come\n`);
  }
  await Promise.race([Promise.all(lives), untilOver(plan, spans, over.signal)]);
  over.abort();
  await Promise.all([...lives, ...scripts]);
  const [first] = failed;
  if (first instanceof Elsewhere || first instanceof Error) throw first;
  if (io.signal.aborted) throw new Error('The rehearsal was stopped before its end.');
  return reportOf(plan, fates, spans);
}

/** So long everything may take after the last one came, and after the last outage. */
async function untilOver(
  plan: RehearsalPlan,
  spans: readonly { readonly to: number }[],
  signal: AbortSignal,
): Promise<void> {
  const last = Math.max(performance.now(), ...spans.map(({ to }) => to));
  await waited(last + plan.ends_within_seconds * 1_000 - performance.now(), signal);
}

function meantBy({ citizens }: RehearsalPlan, n: number): Fate['meant'] {
  const share = spread(n, 1);
  if (share < citizens.refuse) return 'refuse';
  return share < citizens.refuse + citizens.abandon ? 'abandon' : 'sign';
}
