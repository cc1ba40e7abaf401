import { expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { empty, type QueueHarness, recorder, settled, until } from './harness.ts';

const later = (millis: number) => (Date.now() + millis) as EpochMillis;

export function deliveryBehaviour(harness: () => QueueHarness): void {
  it('runs each committed job once, with its name, subject and first attempt', async () => {
    const queue = await harness().open();
    const { jobs, handler, subjects } = recorder();
    queue.work({ verify: handler }, { concurrency: 5 });
    await harness().publish({ subject: 'a' }, { subject: 'b' }, { subject: 'c' });
    await until(() => settled(queue));
    expect(subjects()).toEqual(['a', 'b', 'c']);
    expect(
      jobs.every(({ name, attempt, version }) => name === 'verify' && attempt === 1 && version === 1),
    ).toBe(true);
    expect(await queue.counts()).toEqual(empty);
  });

  it('publishes a key once, also after its job is done', async () => {
    const queue = await harness().open();
    const { handler, subjects } = recorder();
    queue.work({ verify: handler }, { concurrency: 5 });
    await harness().publish({ subject: 'first', key: 'same' }, { subject: 'second', key: 'same' });
    await until(() => settled(queue));
    await harness().publish({ subject: 'third', key: 'same' }, { subject: 'other', key: 'other' });
    await until(() => subjects().includes('other') && settled(queue));
    expect(subjects()).toEqual(['first', 'other']);
  });

  it('leaves names without a handler in the queue', async () => {
    const queue = await harness().open();
    const { handler, subjects } = recorder();
    const worker = queue.work({ verify: handler }, { concurrency: 5 });
    await harness().publish({ name: 'sweep', subject: 'sweep' }, { subject: 'verify' });
    await until(() => subjects().length === 1);
    expect((await queue.counts()).waiting).toBe(1);
    await worker.close(1_000);
    const sweeper = recorder();
    queue.work({ sweep: sweeper.handler }, { concurrency: 1 });
    await until(() => sweeper.jobs.length === 1);
    expect(subjects()).toEqual(['verify']);
  });

  it('runs a delayed job not before its time and at most a second late', async () => {
    const queue = await harness().open();
    let ranAt = 0;
    const { handler, jobs } = recorder(async () => {
      ranAt = Date.now();
      return { kind: 'done' };
    });
    queue.work({ verify: handler }, { concurrency: 1 });
    const notBefore = later(400);
    await harness().publish({ notBefore });
    await until(async () => (await queue.counts()).delayed === 1);
    await until(() => jobs.length === 1);
    expect(ranAt).toBeGreaterThanOrEqual(notBefore);
  });

  it('comes back later when asked to, without counting it as a failed run', async () => {
    const queue = await harness().open({ maxAttempts: 2 });
    const { handler, jobs } = recorder(async (_, run) =>
      run < 4 ? { kind: 'later', notBefore: later(20) } : { kind: 'done' },
    );
    queue.work({ verify: handler }, { concurrency: 1 });
    await harness().publish({});
    await until(() => jobs.length === 4 && settled(queue));
    expect(jobs.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1]);
    expect(await queue.counts()).toEqual(empty);
  });

  it('never runs more at once than its concurrency', async () => {
    const queue = await harness().open();
    let running = 0;
    let most = 0;
    const { handler, jobs } = recorder(async () => {
      running += 1;
      most = Math.max(most, running);
      // nobody ends before the bound was reached once
      await until(() => most >= 3);
      await new Promise((resolve) => setTimeout(resolve, 15));
      running -= 1;
      return { kind: 'done' };
    });
    queue.work({ verify: handler }, { concurrency: 3 });
    await harness().publish(...Array.from({ length: 12 }, () => ({})));
    await until(() => jobs.length === 12 && settled(queue));
    expect(most).toBe(3);
  });

  it('spaces the starts of a limited name over all workers', async () => {
    const limits = { verify: { max: 5, durationMillis: 1_000 } };
    const queue = await harness().open({ limits });
    const starts: number[] = [];
    const { handler } = recorder(async () => {
      starts.push(performance.now());
      return { kind: 'done' };
    });
    queue.work({ verify: handler }, { concurrency: 10 });
    (await harness().open({ limits })).work({ verify: handler }, { concurrency: 10 });
    await harness().publish(...Array.from({ length: 16 }, () => ({})));
    await until(() => settled(queue));
    expect(starts).toHaveLength(16);
    // 16 starts, 5 in a second: 3 s evenly spaced, 2 s and more by Redis's fixed windows; less what a busy machine blurs.
    const span = Math.max(...starts) - Math.min(...starts);
    expect(span).toBeGreaterThan(harness().redisUrl === undefined ? 2_000 : 1_000);
    const crowd = starts.map(
      (start) => starts.filter((other) => other >= start && other < start + 500).length,
    );
    expect(Math.max(...crowd)).toBeLessThanOrEqual(10);
  });

  it('does not let a crowd of a limited name hold up the others', async () => {
    const queue = await harness().open({ limits: { verify: { max: 2, durationMillis: 1_000 } } });
    const started: string[] = [];
    const noted = (name: string) => async () => {
      started.push(name);
      return { kind: 'done' } as const;
    };
    await harness().publish(...Array.from({ length: 8 }, () => ({})));
    await harness().publish({ name: 'sweep' });
    queue.work({ verify: noted('verify'), sweep: noted('sweep') }, { concurrency: 2 });
    await until(() => started.includes('sweep'));
    expect(started.filter((name) => name === 'verify').length).toBeLessThan(5);
    await until(() => settled(queue));
    expect(started).toHaveLength(9);
  });

  it('shares the work between two workers, each job run once', async () => {
    const queue = await harness().open();
    const [one, two] = [recorder(), recorder()];
    queue.work({ verify: one.handler }, { concurrency: 4 });
    (await harness().open()).work({ verify: two.handler }, { concurrency: 4 });
    await harness().publish(...Array.from({ length: 150 }, (_, n) => ({ subject: `job-${n}` })));
    await until(() => settled(queue));
    const all = [...one.subjects(), ...two.subjects()];
    expect(all).toHaveLength(150);
    expect(new Set(all).size).toBe(150);
  });

  it('lets a payload of a version it does not know wait, and runs it once it is known', async () => {
    const queue = await harness().open({ republishMillis: 300 });
    await harness().publish({ subject: 'newer' });
    await harness().store.kysely.updateTable('jobs').set({ version: 99, published_at: null }).execute();
    const { handler, subjects } = recorder();
    queue.work({ verify: handler }, { concurrency: 1 });
    await harness().publish({ subject: 'known' });
    await until(() => subjects().includes('known'));
    expect(subjects()).toEqual(['known']);
    expect((await queue.counts()).waiting).toBe(1);
    await harness()
      .store.kysely.updateTable('jobs')
      .set({ version: 1 })
      .where('subject', '=', 'newer')
      .execute();
    await until(() => subjects().includes('newer'));
    expect(await settled(queue).then(() => queue.deadLetters(10))).toEqual([]);
  });
}
