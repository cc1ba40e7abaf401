import type { Express, Response } from 'express';
import { defined } from '../core/defined.ts';
import { asJitsuinError } from '../core/errors.ts';

/** A named thing that must work before this process may be given work. Rejects, with the reason, when it does not. */
type ReadinessProbe = () => Promise<void>;

export type ReadinessProbes = Readonly<Record<string, ReadinessProbe>>;

export interface ReadinessCheck {
  readonly name: string;
  readonly ok: boolean;
  /** Why not: a stable code, and to operators a sentence. */
  readonly reason?: string;
}

/** A thing that works is not asked again for so long, however often somebody asks; ms. */
const FRESH = 1_000;
/** How long an answer is awaited; ms. */
const PATIENCE = 2_000;
/**
 * A thing that is slow, and worked so long ago at most, works: load is no reason to take a process out of service;
 * ms.
 */
const TOLERANCE = 30_000;
const RETRY_AFTER = '5';

/** Who asks: on the management port the sentence is told too, elsewhere the code alone. */
export type Asker = 'operator' | 'anybody';

/** `GET /livez`: the process runs. */
export function liveness(app: Express): void {
  app.get('/livez', (_request, response) => {
    response.json({ status: 'ok' });
  });
}

/** `GET /livez`: the process runs. `GET /readyz`: it can do the work; each check that fails with its reason. */
export function health(app: Express, probes: ReadinessProbes, asker: Asker = 'anybody'): void {
  const judge = readiness(probes);
  liveness(app);
  app.get('/readyz', async (_request, response) => {
    answer(response, await judge(asker));
  });
}

function answer(response: Response, checks: readonly ReadinessCheck[]): void {
  const ready = checks.every((check) => check.ok);
  if (!ready) response.setHeader('Retry-After', RETRY_AFTER);
  response.status(ready ? 200 : 503).json({ status: ready ? 'ok' : 'not-ready', checks });
}

/** Asks each probe at most once at a time. `now`: a clock that never goes back, in milliseconds. */
export function readiness(
  probes: ReadinessProbes,
  now: () => number = () => performance.now(),
): (asker: Asker) => Promise<readonly ReadinessCheck[]> {
  const watched = Object.entries(probes).map(([name, probe]) => ({ name, ask: watch(probe, now) }));
  return (asker) =>
    Promise.all(
      watched.map(async ({ name, ask }) => {
        const fault = await ask();
        if (fault === undefined) return { name, ok: true };
        return defined({ name, ok: false, reason: asker === 'operator' ? fault.says : fault.code });
      }),
    );
}

interface Fault {
  readonly code: string;
  readonly says: string;
}

const SLOW: Fault = {
  code: 'no-answer',
  says: 'no-answer: it has given no answer in time for half a minute',
};

function watch(probe: ReadinessProbe, now: () => number): () => Promise<Fault | undefined> {
  let worked = Number.NEGATIVE_INFINITY;
  let running: Promise<Fault | undefined> | undefined;
  const run = async (): Promise<Fault | undefined> => {
    const began = now();
    try {
      await probe();
      worked = now();
      return undefined;
    } catch (thrown) {
      // what took long was in a queue of ours, or waited for a server under load
      const slow = now() - began > PATIENCE;
      return slow && now() - worked < TOLERANCE ? undefined : faultOf(thrown);
    } finally {
      running = undefined;
    }
  };
  return async () => {
    if (now() - worked < FRESH) return undefined;
    running ??= run();
    const late = now() - worked < TOLERANCE ? undefined : SLOW;
    return within(PATIENCE, running, late);
  };
}

function faultOf(thrown: unknown): Fault {
  const { code, kind, message } = asJitsuinError(thrown);
  return { code, says: kind === 'internal' ? code : `${code}: ${message}` };
}

async function within<T>(millis: number, promise: Promise<T>, late: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(late), millis);
  });
  try {
    return await Promise.race([promise, patience]);
  } finally {
    clearTimeout(timer);
  }
}
