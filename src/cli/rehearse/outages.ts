import { setTimeout as pause } from 'node:timers/promises';
import type { SimulatedEndpoint } from '../../simulator/auth-and-sign/faults.ts';
import type { Place } from './place.ts';
import type { RehearsalPlan } from './plan.ts';

type Outage = RehearsalPlan['outages'][number];

/** What is away when the service is. */
const ENDPOINTS: readonly SimulatedEndpoint[] = [
  'discovery',
  'jwks',
  'authorization',
  'token',
  'userinfo',
  'start',
  'result',
];
/** Waiting faults of an endpoint are filled up to so many, so often. */
const FULL = 1_000;
const LOOK_MILLIS = 1_000;

/** Lets one outage begin and end in real time; `after` and `lasts` are milliseconds from now. */
export async function outage(
  place: Place,
  { of, answers }: Outage,
  { after, lasts }: { readonly after: number; readonly lasts: number },
  signal: AbortSignal,
): Promise<void> {
  if (!(await waited(after, signal))) return;
  if (of === 'pf') {
    place.pf?.away(true);
    await waited(lasts, signal);
    place.pf?.away(false);
    return;
  }
  const until = performance.now() + lasts;
  try {
    await fill(place, answers);
    while (
      performance.now() < until &&
      (await waited(Math.min(LOOK_MILLIS, until - performance.now()), signal))
    )
      await fill(place, answers);
  } finally {
    await ask(place, 'DELETE');
  }
}

async function fill(place: Place, name: string): Promise<void> {
  const { pending } = (await (await ask(place, 'GET')).json()) as { readonly pending: number };
  if (pending >= FULL * ENDPOINTS.length) return;
  for (const endpoint of ENDPOINTS) await ask(place, 'POST', { endpoint, name, times: FULL });
}

async function ask({ service }: Place, method: string, body?: object): Promise<Response> {
  const answer = await fetch(`${service}/simulator/faults`, {
    method,
    signal: AbortSignal.timeout(10_000),
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`The simulator answered ${answer.status} to ${method} /simulator/faults.`);
  return answer;
}

/** False when it was stopped meanwhile. */
export async function waited(millis: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  try {
    await pause(Math.max(0, millis), undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
