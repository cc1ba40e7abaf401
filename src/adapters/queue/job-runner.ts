import { randomInt } from 'node:crypto';
import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { asJitsuinError, JitsuinError } from '../../core/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Job, JobHandler, JobName, JobOutcome } from '../../ports/job-queue.ts';
import type { Log } from '../../ports/log.ts';
import { type JobClaim, underClaim } from '../store/claims/job-claim.ts';
import { failureOf } from './job-failure.ts';
import type { JobRow, JobTable } from './job-table.ts';
import { queueInstruction, type RetryLimits } from './retry-policy.ts';

export interface RunnerOptions extends RetryLimits {
  readonly table: JobTable;
  readonly clock: Clock;
  readonly log: Log;
  readonly leaseMillis: number;
  readonly timeLimitMillis: number;
}

/** Where a run left its job. */
type RunResult =
  | { readonly kind: 'done' | 'dead' | 'lost' }
  | { readonly kind: 'waiting'; readonly notBefore: EpochMillis };

const DONE: RunResult = { kind: 'done' };

/** A running job, as the worker's drain sees it. */
export interface ActiveRun {
  readonly row: JobRow;
  readonly abort: AbortController;
  readonly result: Promise<RunResult>;
}

/** Starts the handler on a claimed job: heartbeat, time limit, outcome. Never rejects. */
export function startRun(options: RunnerOptions, row: JobRow, handler: JobHandler): ActiveRun {
  const abort = new AbortController();
  return { row, abort, result: run(options, row, handler, abort) };
}

async function run(
  options: RunnerOptions,
  row: JobRow,
  handler: JobHandler,
  abort: AbortController,
): Promise<RunResult> {
  const { log, clock } = options;
  const started = clock.now();
  const heartbeat = keepAlive(options, row, abort);
  const { id, fence, subject } = row;
  const claim: JobClaim = { id, fence, subject, ended: false };
  try {
    const { outcome, error } = await judged(
      claim,
      handler,
      jobOf(row, abort.signal),
      abort,
      options.timeLimitMillis,
    );
    clearInterval(heartbeat);
    if (outcome?.endpointRestsUntil !== undefined) await options.table.rest(row, outcome.endpointRestsUntil);
    const result = claim.ended ? DONE : await settle(options, row, outcome, error);
    const fields = { ...logFields(row), durationMillis: clock.now() - started };
    if (error === undefined || claim.ended) log.info(`job.${result.kind}`, fields);
    else log.warn(`job.${result.kind}`, { ...fields, ...failureFields(error) });
    return result;
  } catch (thrown) {
    // The store did not take the outcome: the lease runs out and the job comes again.
    log.error('job.unsettled', { ...logFields(row), code: asJitsuinError(thrown).code });
    return { kind: 'lost' };
  } finally {
    clearInterval(heartbeat);
  }
}

function keepAlive(
  { table, leaseMillis, clock }: RunnerOptions,
  row: JobRow,
  abort: AbortController,
): NodeJS.Timeout {
  return setInterval(() => {
    table
      .heartbeat(row, clock.now() + leaseMillis)
      .then((held) => held || abort.abort())
      .catch(() => undefined);
  }, leaseMillis / 3);
}

function jobOf(row: JobRow, signal: AbortSignal): Job {
  const { id, version, subject, attempts } = row;
  return { id, name: row.name as JobName, version, subject, attempt: attempts, signal };
}

/** Runs the handler against its time limit; a handler that hangs is told to stop and left behind, fenced off. */
async function judged(
  claim: JobClaim,
  handler: JobHandler,
  job: Job,
  abort: AbortController,
  timeLimitMillis: number,
): Promise<{ readonly outcome?: JobOutcome; readonly error?: JitsuinError }> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new JitsuinError('queue.time-limit', 'The handler took longer than its time limit.'));
      abort.abort();
    }, timeLimitMillis);
  });
  try {
    return {
      outcome: await Promise.race([underClaim(claim, () => Promise.resolve(job).then(handler)), limit]),
    };
  } catch (thrown) {
    return { error: asJitsuinError(thrown) };
  } finally {
    clearTimeout(timer);
  }
}

async function settle(
  options: RunnerOptions,
  row: JobRow,
  outcome: JobOutcome | undefined,
  error: JitsuinError | undefined,
): Promise<RunResult> {
  const { table, clock } = options;
  const now = clock.now();
  if (outcome?.kind === 'done') return (await table.done(row, now)) ? { kind: 'done' } : { kind: 'lost' };
  if (outcome?.kind === 'later') {
    const { notBefore } = outcome;
    return (await table.later(row, notBefore)) ? { kind: 'waiting', notBefore } : { kind: 'lost' };
  }
  const code = error?.code ?? 'internal.unexpected';
  const failure = failureOf(error ?? { code, upstream: undefined });
  const instruction = queueInstruction(code, row.attempts, options, randomInt(1_000) / 1_000);
  if (instruction.kind === 'dead-letter') {
    return (await table.dead(row, now, failure)) ? { kind: 'dead' } : { kind: 'lost' };
  }
  const notBefore = (now + instruction.delayMillis) as EpochMillis;
  return (await table.retryLater(row, notBefore, failure))
    ? { kind: 'waiting', notBefore }
    : { kind: 'lost' };
}

function logFields(row: JobRow) {
  return { job: row.id, jobName: row.name, attempt: row.attempts };
}

/** The code, the guideline's row where the service said no, status and size where a proxy did. */
function failureFields({ code, upstream }: JitsuinError) {
  return defined({
    code,
    row: upstream?.row === undefined ? undefined : upstream.row,
    status: upstream?.status,
    octets: upstream?.octets,
  });
}

/** Waits for runs up to the deadline, then tells them to stop and gives their jobs back. */
export async function drainRuns(
  { table, clock }: RunnerOptions,
  runs: Set<ActiveRun>,
  deadlineMillis: number,
): Promise<void> {
  const all = Promise.all([...runs].map((active) => active.result));
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, deadlineMillis);
  });
  await Promise.race([all, deadline]);
  clearTimeout(timer);
  for (const { row, abort } of runs) {
    await table.release(row, clock.now(), row.attempts).catch(() => false);
    abort.abort();
  }
}
