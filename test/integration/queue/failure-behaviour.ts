import { expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { empty, type QueueHarness, recorder, settled, until } from './harness.ts';

export function failureBehaviour(harness: () => QueueHarness): void {
  it('retries a temporary failure with back-off and counts the runs', async () => {
    const queue = await harness().open();
    const times: number[] = [];
    const { handler, jobs } = recorder(async (_, run) => {
      times.push(performance.now());
      if (run < 3) throw new JitsuinError('upstream.temporary', 'later');
      return { kind: 'done' };
    });
    queue.work({ verify: handler }, { concurrency: 1 });
    await harness().publish({});
    await until(() => jobs.length === 3 && settled(queue));
    expect(jobs.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(9);
    expect(await queue.counts()).toEqual(empty);
  });

  it('makes a poison job a dead letter with its code while the others flow', async () => {
    const queue = await harness().open({ maxAttempts: 3 });
    const { handler, jobs } = recorder(async ({ subject }) => {
      if (subject === 'input') throw new JitsuinError('jwe.decrypt', 'no');
      if (subject === 'bug') throw new TypeError('undefined is not a function');
      return { kind: 'done' };
    });
    queue.work({ verify: handler }, { concurrency: 2 });
    await harness().publish(
      { subject: 'input' },
      { subject: 'bug' },
      ...Array.from({ length: 10 }, () => ({ subject: 'good' })),
    );
    await until(() => settled(queue));
    const dead = (await queue.deadLetters(10)).map(({ subject, reason, attempts }) => ({
      subject,
      reason,
      attempts,
    }));
    expect(dead.sort((a, b) => a.subject.localeCompare(b.subject))).toEqual([
      { subject: 'bug', reason: 'internal.unexpected', attempts: 3 },
      { subject: 'input', reason: 'jwe.decrypt', attempts: 1 },
    ]);
    expect(jobs.filter(({ subject }) => subject === 'good')).toHaveLength(10);
    expect(await queue.counts()).toEqual({ ...empty, dead: 2 });
  });

  it('keeps what somebody on the way answered, and to how much, until it goes on', async () => {
    const queue = await harness().open({ maxAttempts: 1 });
    const { handler } = recorder(async () => {
      const upstream = { status: 502, octets: 20_481 };
      throw new JitsuinError('upstream.temporary', 'A proxy says no.', { upstream });
    });
    queue.work({ verify: handler }, { concurrency: 1 });
    await harness().publish({});
    await until(async () => (await queue.deadLetters(1)).length === 1);
    expect(await queue.deadLetters(1)).toMatchObject([
      { reason: 'upstream.temporary', status: 502, octets: 20_481, attempts: 1 },
    ]);
  });

  it('puts a dead letter back to work, and drops one without freeing its key', async () => {
    const queue = await harness().open();
    let broken = true;
    const { handler, jobs } = recorder(async () => {
      if (broken) throw new JitsuinError('jwe.decrypt', 'no');
      return { kind: 'done' };
    });
    queue.work({ verify: handler }, { concurrency: 2 });
    await harness().publish({ subject: 'again', key: 'again' }, { subject: 'never', key: 'never' });
    await until(async () => (await queue.counts()).dead === 2);
    const dead = await queue.deadLetters(10);
    const idOf = (subject: string) => dead.find((letter) => letter.subject === subject)?.id ?? '';
    broken = false;
    expect(await queue.retry(idOf('again'))).toBe(true);
    expect(await queue.drop(idOf('never'))).toBe(true);
    await until(() => jobs.length === 3 && settled(queue));
    expect(jobs[2]).toMatchObject({ subject: 'again', attempt: 1 });
    expect([await queue.retry(idOf('again')), await queue.drop('unknown')]).toEqual([false, false]);
    await harness().publish({ subject: 'never', key: 'never' });
    expect(await queue.counts()).toEqual(empty);
  });

  it('runs at once what a clock that was set back has planned hours ahead; a webhook may wait', async () => {
    const queue = await harness().open();
    const { handler, jobs } = recorder();
    const ahead = (Date.now() + 2 * 3_600_000) as EpochMillis;
    await harness().publish(
      { subject: 'far', notBefore: ahead },
      { subject: 'hook', name: 'deliver-webhook', notBefore: ahead },
      { subject: 'near', notBefore: (Date.now() + 10 * 60_000) as EpochMillis },
    );
    queue.work({ verify: handler, 'deliver-webhook': handler }, { concurrency: 1 });
    await until(() => jobs.length === 1);
    await until(async () => (await queue.counts()).delayed === 2);
    expect(jobs[0]?.subject).toBe('far');
  });

  it('cuts a run that hangs by its own time limit and lets the next one try', async () => {
    const queue = await harness().open({ timeLimitMillis: 60 });
    const { handler, jobs } = recorder((_, run) =>
      run === 1 ? new Promise(() => undefined) : Promise.resolve({ kind: 'done' }),
    );
    queue.work({ verify: handler }, { concurrency: 1 });
    await harness().publish({});
    await until(() => jobs.length === 2 && settled(queue));
    expect(jobs[0]?.signal.aborted).toBe(true);
    expect(jobs[1]?.signal.aborted).toBe(false);
    expect((await harness().store.kysely.selectFrom('jobs').select('reason').execute())[0]?.reason).toBe(
      'queue.time-limit',
    );
  });
}
