import { expect, it } from 'vitest';
import { JobTable } from '../../../src/adapters/queue/job-table.ts';
import { Slots } from '../../../src/adapters/queue/slots.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { startChild } from '../../support/child.ts';
import { auditEvent, verification } from '../store/records.ts';
import { empty, type QueueHarness, recorder, settled, until } from './harness.ts';

const CLAIM = {
  names: [{ name: 'verify' as const, slots: new Slots({ concurrency: 1 }, () => undefined) }],
};

export function lossBehaviour(harness: () => QueueHarness): void {
  it('brings a job again whose worker fell silent, and fences the silent one off', async () => {
    const table = new JobTable(harness().store);
    await harness().publish({ subject: 'lost' });
    const now = Date.now() as EpochMillis;
    const {
      rows: [lost],
    } = await table.claimDue({
      ...CLAIM,
      owner: 'a worker that dies',
      now,
      leaseUntil: now + 100,
    });
    const queue = await harness().open({ leaseMillis: 3_000 });
    const { handler, jobs } = recorder();
    queue.work({ verify: handler }, { concurrency: 1 });
    await until(() => jobs.length === 1 && settled(queue));
    expect(jobs[0]?.attempt).toBe(2);
    expect(lost).toBeDefined();
    if (lost === undefined) return;
    const claim = { id: lost.id, fence: lost.fence };
    const late = [
      await table.done(claim, now),
      await table.heartbeat(claim, now + 9_999),
      await table.dead(claim, now, { reason: 'jwe.decrypt' }),
    ];
    expect(late).toEqual([false, false, false]);
    expect(await queue.counts()).toEqual(empty);
  });

  it('holds a long run by its heartbeat: nobody else gets the job', async () => {
    // a lease that a machine with much else to do keeps alive too
    const leaseMillis = 3_000;
    const queue = await harness().open({ leaseMillis });
    const { handler, jobs } = recorder(async () => {
      const started = Date.now();
      await until(() => Date.now() - started > leaseMillis + 500);
      return { kind: 'done' };
    });
    queue.work({ verify: handler }, { concurrency: 2 });
    (await harness().open({ leaseMillis })).work({ verify: handler }, { concurrency: 2 });
    await harness().publish({});
    await until(() => settled(queue));
    expect(jobs).toHaveLength(1);
    expect(jobs[0]?.signal.aborted).toBe(false);
  });

  it('tells a run that its lease was lost', async () => {
    const queue = await harness().open({ leaseMillis: 3_000 });
    const { handler, jobs } = recorder(
      ({ signal }) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve({ kind: 'done' }))),
    );
    queue.work({ verify: handler }, { concurrency: 1 });
    await harness().publish({});
    await until(() => jobs.length === 1);
    await harness()
      .store.kysely.updateTable('jobs')
      .set({ fence: 77, lease_until: Date.now() + 60_000 })
      .execute();
    await until(() => jobs[0]?.signal.aborted === true);
    await until(async () => (await queue.counts()).active === 1);
    const row = await harness().store.kysely.selectFrom('jobs').selectAll().executeTakeFirstOrThrow();
    expect([row.state, row.fence]).toEqual(['active', 77]);
  });

  it('refuses a state change of a run that lost its job while it was frozen, and takes that of its successor', async () => {
    const record = verification('fenced');
    await harness().store.verifications.insert(record, { audit: [auditEvent('received')] });
    const { store } = harness();
    const change = () => store.verifications.update({ ...record, revision: 2 }, { audit: [] });
    const taken: boolean[] = [];
    const { handler } = recorder(async (_, run) => {
      if (run === 1) {
        // what a reaper and the next claim do while this process stands still
        await store.kysely.updateTable('jobs').set({ fence: 9 }).where('subject', '=', 'frozen').execute();
        taken.push(await change());
        await store.kysely
          .updateTable('jobs')
          .set({ fence: 9, state: 'waiting', published_at: null })
          .execute();
        return { kind: 'done' };
      }
      taken.push(await change());
      return { kind: 'done' };
    });
    const queue = await harness().open({ republishMillis: 300 });
    queue.work({ verify: handler }, { concurrency: 1 });
    await harness().publish({ subject: 'frozen' });
    await until(() => taken.length === 2 && settled(queue));
    expect(taken).toEqual([false, true]);
    expect((await store.verifications.get(record.id))?.revision).toBe(2);
  });

  it('ends the job in the transaction of the change that was its work, whatever the run does after', async () => {
    const record = verification('worked');
    const { store } = harness();
    await store.verifications.insert(record, { audit: [auditEvent('received')] });
    const seen: (string | undefined)[] = [];
    const stateOf = async () =>
      (await store.kysely.selectFrom('jobs').select('state').where('subject', '=', record.id).execute())[0]
        ?.state;
    const { handler, jobs } = recorder(async () => {
      await store.verifications.update(
        { ...record, revision: 2 },
        { audit: [], endsJobOf: 'another record' },
      );
      seen.push(await stateOf());
      await store.verifications.update({ ...record, revision: 3 }, { audit: [], endsJobOf: record.id });
      seen.push(await stateOf());
      throw new Error('after its work');
    });
    const queue = await harness().open();
    queue.work({ verify: handler }, { concurrency: 1 });
    await harness().publish({ subject: record.id });
    await until(() => seen.length === 2 && settled(queue));
    expect(seen).toEqual(['active', 'done']);
    expect(jobs).toHaveLength(1);
    expect(await queue.counts()).toEqual(empty);
    expect((await store.verifications.get(record.id))?.revision).toBe(3);
  });

  it('leaves nothing of a change that would end a job that another run has by now', async () => {
    const record = verification('overtaken');
    const { store } = harness();
    await store.verifications.insert(record, { audit: [auditEvent('received')] });
    const taken: boolean[] = [];
    const { handler } = recorder(async (_, run) => {
      if (run === 1)
        await store.kysely.updateTable('jobs').set({ fence: 9 }).where('subject', '=', record.id).execute();
      const effects = { audit: [], endsJobOf: record.id };
      taken.push(await store.verifications.update({ ...record, revision: 2 }, effects));
      if (run === 1) {
        expect((await store.verifications.get(record.id))?.revision).toBe(1);
        await store.kysely.updateTable('jobs').set({ state: 'waiting', published_at: null }).execute();
      }
      return { kind: 'done' };
    });
    const queue = await harness().open({ republishMillis: 300 });
    queue.work({ verify: handler }, { concurrency: 1 });
    await harness().publish({ subject: record.id });
    await until(() => taken.length === 2 && settled(queue));
    expect(taken).toEqual([false, true]);
    expect((await store.verifications.get(record.id))?.revision).toBe(2);
  });

  it('gives up on a job that was lost too often', async () => {
    const table = new JobTable(harness().store);
    await harness().publish({ subject: 'killer' });
    for (const loss of [1, 2, 3]) {
      const now = Date.now() as EpochMillis;
      const { rows } = await table.claimDue({ ...CLAIM, owner: `victim ${loss}`, now, leaseUntil: now });
      expect(rows).toHaveLength(1);
      await table.reap(now, 3);
    }
    const queue = await harness().open();
    expect((await queue.deadLetters(10)).map(({ subject, reason }) => [subject, reason])).toEqual([
      ['killer', 'queue.abandoned'],
    ]);
  });
}

export function drainBehaviour(harness: () => QueueHarness): void {
  it('drains: waits for a run that ends in time, starts none', async () => {
    const queue = await harness().open();
    let end: () => void = () => undefined;
    const { handler, jobs } = recorder(
      () =>
        new Promise((resolve) => {
          end = () => resolve({ kind: 'done' });
        }),
    );
    const worker = queue.work({ verify: handler }, { concurrency: 1 });
    await harness().publish({}, {});
    await until(() => jobs.length === 1);
    const closed = worker.close(45_000);
    end();
    await closed;
    expect(jobs).toHaveLength(1);
    expect(jobs[0]?.signal.aborted).toBe(false);
    expect(await queue.counts()).toEqual({ ...empty, waiting: 1 });
  });

  it('drains: stops a run that does not end in time and gives its job back unharmed', async () => {
    const queue = await harness().open();
    const { handler, jobs } = recorder(() => new Promise(() => undefined));
    const worker = queue.work({ verify: handler }, { concurrency: 1 });
    await harness().publish({ subject: 'given back' });
    await until(() => jobs.length === 1);
    await worker.close(50);
    expect(jobs[0]?.signal.aborted).toBe(true);
    expect(await queue.counts()).toEqual({ ...empty, waiting: 1 });
    const next = recorder();
    queue.work({ verify: next.handler }, { concurrency: 1 });
    await until(() => next.jobs.length === 1 && settled(queue));
    expect(next.jobs[0]).toMatchObject({ subject: 'given back', attempt: 1 });
  });
}

const WORKER = new URL('./worker-child.ts', import.meta.url);

export function processBehaviour(harness: () => QueueHarness): void {
  it('runs a job again whose worker process was killed', async () => {
    const queue = await harness().open({ leaseMillis: 3_000 });
    const child = startChild(WORKER, { ...harness().childEnv, CHILD_HANGS: '1' });
    await harness().publish({ subject: 'orphan' });
    await child.said(1);
    await child.kill();
    const { handler, jobs } = recorder();
    queue.work({ verify: handler }, { concurrency: 1 });
    await until(() => jobs.length === 1 && settled(queue));
    expect(child.lines).toEqual(['orphan']);
    expect(jobs[0]).toMatchObject({ subject: 'orphan', attempt: 2 });
  }, 60_000);

  it('Q5: a job that takes all memory kills its worker a bounded number of times, then lies dead with its reason', async () => {
    const queue = await harness().open({ leaseMillis: 600, maxLosses: 3 });
    const { handler } = recorder();
    // brings lost jobs back, as any living worker does, and runs none of them
    const reaping = queue.work({ sweep: handler }, { concurrency: 1 });
    const goods = Array.from({ length: 6 }, (_, n) => ({ subject: `good-${n}` }));
    await harness().publish({ subject: 'poison' }, ...goods);
    const poisoned = { ...harness().childEnv, CHILD_POISON: 'poison' };
    let deaths = 0;
    while ((await queue.counts()).dead === 0 && deaths < 10) {
      const child = startChild(WORKER, poisoned, 96);
      await child.ended(60_000);
      deaths += 1;
      await until(async () => (await queue.counts()).active === 0);
    }
    expect((await queue.deadLetters(10)).map(({ subject, reason }) => [subject, reason])).toEqual([
      ['poison', 'queue.abandoned'],
    ]);
    expect(deaths).toBe(3);
    const survivor = startChild(WORKER, poisoned);
    await until(async () => (await queue.counts()).waiting === 0);
    await until(() => settled(queue));
    await survivor.kill();
    expect(await queue.counts()).toEqual({ ...empty, dead: 1 });
    await reaping.close(1_000);
  }, 240_000);

  it('ends its process by itself once it is closed', async () => {
    await harness().publish({ subject: 'only' });
    const child = startChild(WORKER, harness().childEnv);
    await child.said(1);
    expect(await child.ended(15_000)).toBe(0);
    expect((await harness().store.kysely.selectFrom('jobs').select('state').execute())[0]?.state).toBe(
      'done',
    );
  });
}
