import { expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import type { Job, JobOutcome } from '../../../src/ports/job-queue.ts';
import { type QueueHarness, recorder, settled, until } from './harness.ts';

const DONE: JobOutcome = { kind: 'done' };

/** Handlers that do not end before `release`, and how many of which endpoint run. */
function hanging() {
  const running: string[] = [];
  const seen: string[] = [];
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const handler = async ({ subject }: Job): Promise<JobOutcome> => {
    running.push(subject);
    seen.push(subject);
    await released;
    return DONE;
  };
  return { handler, running, seen, release: () => release() };
}

const delivery = (endpoint: string, tenant: string, n: number) => ({
  name: 'deliver-webhook' as const,
  subject: `${endpoint}-${n}`,
  lane: { endpoint, tenant },
});

export function laneBehaviour(harness: () => QueueHarness): void {
  it('lets no kind of job wait for another that hangs', async () => {
    const queue = await harness().open();
    const strangers = hanging();
    const { handler, subjects } = recorder();
    queue.work({ 'deliver-webhook': strangers.handler, 'fetch-result': handler }, { concurrency: 2 });
    await harness().publish(...Array.from({ length: 12 }, (_, n) => delivery(`e${n}`, 't', n)));
    await until(() => strangers.running.length === 2);
    await harness().publish({ name: 'fetch-result', subject: 'the hour runs' });
    await until(() => subjects().length === 1);
    strangers.release();
    await until(() => settled(queue));
  });

  it('takes nothing while it may not, as with a clock that is off, and then all', async () => {
    const queue = await harness().open();
    const { handler, subjects } = recorder();
    let right = false;
    queue.work({ 'fetch-result': handler }, { concurrency: 2, mayTakeWork: () => right });
    await harness().publish(
      ...Array.from({ length: 3 }, (_, n) => ({ name: 'fetch-result' as const, subject: `s${n}` })),
    );
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(subjects()).toEqual([]);
    right = true;
    await until(() => subjects().length === 3);
    await until(() => settled(queue));
  });

  it('runs a few of one endpoint and of one tenant at once, and others beside them', async () => {
    const queue = await harness().open();
    const strangers = hanging();
    queue.work(
      { 'deliver-webhook': strangers.handler },
      { concurrency: 1, slots: { 'deliver-webhook': { concurrency: 8, perEndpoint: 2, perTenant: 3 } } },
    );
    const crowd = Array.from({ length: 6 }, (_, n) => delivery('silent', 'big', n));
    const second = Array.from({ length: 3 }, (_, n) => delivery('also-silent', 'big', n));
    await harness().publish(...crowd, ...second, delivery('honest', 'small', 0));
    await until(() => strangers.running.includes('honest-0'));
    await until(() => strangers.running.length === 4);
    const of = (endpoint: string) =>
      strangers.running.filter((subject) => subject.startsWith(endpoint)).length;
    expect(of('honest')).toBe(1);
    expect(Math.max(of('silent'), of('also-silent'))).toBe(2);
    expect(Math.min(of('silent'), of('also-silent'))).toBe(1);
    strangers.release();
    await until(() => settled(queue));
    expect(new Set(strangers.seen).size).toBe(10);
  });

  it('gives the place of a run that waits for a stranger to another', async () => {
    const queue = await harness().open();
    const strangers = hanging();
    const slots = { concurrency: 1, patienceMillis: 100, most: 4, perEndpoint: 1 };
    queue.work(
      { 'deliver-webhook': strangers.handler },
      { concurrency: 1, slots: { 'deliver-webhook': slots } },
    );
    await harness().publish(...['a', 'b', 'c'].map((endpoint) => delivery(endpoint, 't', 0)));
    await until(() => strangers.running.length === 3);
    strangers.release();
    await until(() => settled(queue));
  });

  it('starts no job of an endpoint that rests, and every other', async () => {
    const queue = await harness().open();
    let restsUntil = 0;
    const starts = new Map<string, number>();
    const handler = async ({ subject }: Job): Promise<JobOutcome> => {
      starts.set(subject, Date.now());
      if (!subject.startsWith('silent') || restsUntil > 0) return DONE;
      restsUntil = Date.now() + 1_500;
      return { kind: 'done', endpointRestsUntil: restsUntil as EpochMillis };
    };
    const slots = { concurrency: 4, perEndpoint: 1 };
    queue.work({ 'deliver-webhook': handler }, { concurrency: 1, slots: { 'deliver-webhook': slots } });
    await harness().publish(
      delivery('silent', 't', 0),
      delivery('silent', 't', 1),
      delivery('honest', 't', 0),
    );
    await until(() => starts.size === 3 && settled(queue));
    expect([...starts.keys()].filter((subject) => subject.startsWith('silent'))).toHaveLength(2);
    expect(Math.max(...starts.values())).toBeGreaterThanOrEqual(restsUntil);
    expect([...starts.keys()].at(-1)).toMatch(/^silent/);
  });

  it('runs what has been due longest first', async () => {
    const now = Date.now();
    const due = [5, 1, 4, 2, 3].map((age) => ({
      subject: `due ${age}`,
      notBefore: (now - age * 10_000) as EpochMillis,
    }));
    const queue = await harness().open();
    await harness().publish(...due);
    await queue.relay();
    const { handler, jobs } = recorder();
    queue.work({ verify: handler }, { concurrency: 1 });
    await until(() => jobs.length === 5 && settled(queue));
    expect(jobs.map(({ subject }) => subject)).toEqual(['due 5', 'due 4', 'due 3', 'due 2', 'due 1']);
  });
}
