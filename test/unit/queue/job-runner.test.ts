import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type ActiveRun,
  drainRuns,
  type RunnerOptions,
  startRun,
} from '../../../src/adapters/queue/job-runner.ts';
import type { JobRow } from '../../../src/adapters/queue/job-table.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import type { Job, JobHandler } from '../../../src/ports/job-queue.ts';
import { FakeClock, FakeLog } from '../../support/fakes.ts';

const LEASE = 30_000;
const LIMIT = 60_000;
const row = { id: 'j1', name: 'verify', version: 1, subject: 'v1', attempts: 2, fence: 5 } as JobRow;
const FIELDS = { job: 'j1', jobName: 'verify', attempt: 2 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A table that notes what is written; `held`: whether the claim is still the newest. */
function bench(held = true) {
  const calls: (readonly [name: string, ...args: unknown[]])[] = [];
  const note =
    (name: string) =>
    async (...args: unknown[]) => {
      calls.push([name, ...args]);
      return state.held;
    };
  const state = { held };
  const names = ['heartbeat', 'done', 'later', 'retryLater', 'dead', 'release', 'rest'];
  const table = Object.fromEntries(names.map((name) => [name, note(name)]));
  const [clock, log] = [new FakeClock(), new FakeLog()];
  const options = {
    ...{ table, clock, log, leaseMillis: LEASE, timeLimitMillis: LIMIT },
    ...{ maxAttempts: 100, backoffMillis: 1_000 },
  } as object as RunnerOptions;
  return { calls, state, clock, log, options, now: clock.now() };
}

describe('where a run leaves its job', () => {
  const notBefore = 1_750_000_005_000 as EpochMillis;
  const done: JobHandler = async () => ({ kind: 'done' });
  const later: JobHandler = async () => ({ kind: 'later', notBefore });
  const refused: JobHandler = async () => {
    throw new JitsuinError('http.forbidden', '', {
      upstream: { status: 403, row: 'row-1', octets: 9 } as never,
    });
  };
  const away: JobHandler = async () => {
    throw new JitsuinError('upstream.temporary', '');
  };
  const CASES = [
    ['done', done, 'done', { kind: 'done' }, 'info', {}],
    ['later', later, 'later', { kind: 'waiting', notBefore }, 'info', {}],
    [
      'refused',
      refused,
      'dead',
      { kind: 'dead' },
      'warn',
      { code: 'http.forbidden', status: 403, row: 'row-1', octets: 9 },
    ],
    ['away', away, 'retryLater', { kind: 'waiting' }, 'warn', { code: 'upstream.temporary' }],
  ] as const;

  it.each(CASES)('%s', async (_what, handler, written, result, level, failure) => {
    const { calls, options, log, clock, now } = bench();
    const run = startRun(options, row, async (job) => {
      clock.advance(7);
      return handler(job);
    });
    expect(await run.result).toMatchObject(result);
    expect(calls.map(([name]) => name)).toEqual([written]);
    const [[, claim, ...args] = []] = calls;
    expect(claim).toBe(row);
    if (written === 'done') expect(args).toEqual([now + 7]);
    if (written === 'later') expect(args).toEqual([notBefore]);
    if (written === 'dead')
      expect(args).toEqual([now + 7, { reason: 'http.forbidden', status: 403, octets: 9 }]);
    if (written === 'retryLater') {
      const [at, failure] = args as [number, object];
      expect(failure).toEqual({ reason: 'upstream.temporary' });
      // two seconds at the second attempt, of which jitter takes half at most
      expect(at - now - 7).toBeGreaterThan(999);
      expect(at - now - 7).toBeLessThanOrEqual(2_000);
    }
    expect(log.lines).toEqual([
      { level, event: `job.${result.kind}`, fields: { ...FIELDS, durationMillis: 7, ...failure } },
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each(CASES)('%s, but the claim was lost', async (_what, handler, _written, _result, level) => {
    const { options, log } = bench(false);
    expect(await startRun(options, row, handler).result).toEqual({ kind: 'lost' });
    expect(log.lines.map((line) => [line.level, line.event])).toEqual([[level, 'job.lost']]);
  });

  it('a store that does not take the outcome leaves it to the lease', async () => {
    const { options, log } = bench();
    const table = { ...options.table, done: () => Promise.reject(new JitsuinError('store.unavailable', '')) };
    const run = startRun({ ...options, table } as object as RunnerOptions, row, done);
    expect(await run.result).toEqual({ kind: 'lost' });
    expect(log.lines).toEqual([
      { level: 'error', event: 'job.unsettled', fields: { ...FIELDS, code: 'store.unavailable' } },
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a server that does not answer rests before the job is settled', async () => {
    const { calls, options } = bench();
    await startRun(options, row, async () => ({ kind: 'done', endpointRestsUntil: notBefore })).result;
    expect(calls.map(([name]) => name)).toEqual(['rest', 'done']);
    expect(calls[0]).toEqual(['rest', row, notBefore]);
  });

  it('a handler that throws before it promises is a failure like another', async () => {
    const { calls, options } = bench();
    const broken: JobHandler = () => {
      throw new Error('a mistake');
    };
    await startRun(options, row, broken).result;
    expect([calls[0]?.[0], calls[0]?.[3]]).toEqual(['retryLater', { reason: 'internal.unexpected' }]);
  });

  it('the handler sees its job, and nothing of the row besides', async () => {
    let seen: Job | undefined;
    const run = startRun(bench().options, row, async (job) => {
      seen = job;
      return { kind: 'done' };
    });
    await run.result;
    expect(seen).toEqual({
      ...{ id: 'j1', name: 'verify', version: 1, subject: 'v1', attempt: 2 },
      signal: run.abort.signal,
    });
  });
});

describe('a run that takes long', () => {
  const never: JobHandler = () => new Promise(() => undefined);

  it('lengthens its lease three times in each, and no more once it has ended', async () => {
    const { calls, options, clock } = bench();
    let end: () => void = () => undefined;
    const run = startRun(
      options,
      row,
      () => new Promise((resolve) => (end = () => resolve({ kind: 'done' }))),
    );
    await vi.advanceTimersByTimeAsync(LEASE / 3 - 1);
    expect(calls).toEqual([]);
    clock.advance(11);
    await vi.advanceTimersByTimeAsync(1);
    expect(calls).toEqual([['heartbeat', row, clock.now() + LEASE]]);
    await vi.advanceTimersByTimeAsync(LEASE / 3);
    expect(calls).toHaveLength(2);
    expect(run.abort.signal.aborted).toBe(false);
    end();
    await run.result;
    await vi.advanceTimersByTimeAsync(LEASE);
    expect(calls.map(([name]) => name)).toEqual(['heartbeat', 'heartbeat', 'done']);
  });

  it('is told to stop when its lease is lost, and goes on when the store is silent', async () => {
    const { state, options } = bench();
    const run = startRun(options, row, never);
    const silent = { ...options.table, heartbeat: () => Promise.reject(new Error('away')) };
    const other = startRun({ ...options, table: silent } as object as RunnerOptions, row, never);
    await vi.advanceTimersByTimeAsync(LEASE / 3);
    expect(run.abort.signal.aborted).toBe(false);
    state.held = false;
    await vi.advanceTimersByTimeAsync(LEASE / 3);
    expect([run.abort.signal.aborted, other.abort.signal.aborted]).toEqual([true, false]);
  });

  it('is told to stop at its time limit, and fails by it', async () => {
    const { calls, options, log } = bench();
    const run = startRun(options, row, never);
    await vi.advanceTimersByTimeAsync(LIMIT - 1);
    expect(run.abort.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(run.abort.signal.aborted).toBe(true);
    expect(await run.result).toMatchObject({ kind: 'waiting' });
    expect(calls.at(-1)?.[3]).toEqual({ reason: 'queue.time-limit' });
    expect(log.lines[0]?.fields).toMatchObject({ code: 'queue.time-limit' });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a drain', () => {
  const never: JobHandler = () => new Promise(() => undefined);

  it('ends at once where nothing runs, and leaves no timer', async () => {
    await drainRuns(bench().options, new Set(), 5_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives what does not end in time back unharmed, and tells it to stop', async () => {
    const { calls, options, now } = bench();
    const runs = new Set<ActiveRun>([startRun(options, row, never)]);
    let drained = false;
    const drain = drainRuns(options, runs, 5_000).then(() => {
      drained = true;
    });
    await vi.advanceTimersByTimeAsync(4_999);
    expect(drained).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await drain;
    expect(calls).toEqual([['release', row, now, 2]]);
    expect([...runs].map(({ abort }) => abort.signal.aborted)).toEqual([true]);
  });

  it('goes on where the store does not take one back', async () => {
    const { options } = bench();
    const table = { ...options.table, release: () => Promise.reject(new Error('away')) };
    const runs = new Set([startRun(options, row, never), startRun(options, row, never)]);
    const drain = drainRuns({ ...options, table } as object as RunnerOptions, runs, 10);
    await vi.advanceTimersByTimeAsync(10);
    await drain;
    expect([...runs].map(({ abort }) => abort.signal.aborted)).toEqual([true, true]);
  });
});
