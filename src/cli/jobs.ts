import { systemClock } from '../adapters/clock.ts';
import { openQueueAdmin } from '../adapters/queue/queue-admin.ts';
import type { StoreRole } from '../adapters/store/open-store.ts';
import type { DeadLetter, JobCounts } from '../ports/job-queue.ts';
import type { FailingJob, QueueAdmin } from '../ports/queue-admin.ts';
import { type Command, type CommandIo, type ExitStatus, UsageError } from './command.ts';
import { declareCommand } from './declare-command.ts';
import { withStore } from './storage-arguments.ts';
import { STORE_OPTIONS, STORE_PLACE } from './store-options.ts';

const MOST = 10_000;
const ALL = { type: 'boolean', means: 'every dead letter' } as const;

export const jobsList: Command = declareCommand({
  name: 'jobs list',
  about: `Jobs that failed and wait for another run, most runs first, then dead letters: jobs that failed for good,
newest first. Their reason is a stable error code, with the HTTP status where a peer or a proxy answered and the
octets that a proxy was sent.`,
  options: {
    limit: {
      type: 'string',
      value: 'N',
      default: '50',
      means: `at most N of each, and never more than ${MOST}`,
    },
    ...STORE_OPTIONS,
  },
  more: STORE_PLACE,
  async run(values, _operands, io) {
    const limit = Number(values.limit);
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST) {
      throw new UsageError(`--limit must be a whole number from 1 to ${MOST}.`);
    }
    const { counts, failing, dead } = await withStore(io, values.role, async (store) => {
      const queue = openQueueAdmin(store, systemClock);
      const [failed, letters] = [await queue.failing(limit), await queue.deadLetters(limit)];
      return { counts: await queue.counts(), failing: failed, dead: letters };
    });
    io.stdout(
      values.json ? `${JSON.stringify({ counts, failing, dead })}\n` : listText(counts, failing, dead),
    );
    return 0;
  },
});

function listText(counts: JobCounts, failing: readonly FailingJob[], dead: readonly DeadLetter[]): string {
  const { waiting, delayed, active } = counts;
  const head = `waiting ${waiting}  delayed ${delayed}  active ${active}  dead ${counts.dead}\n`;
  const again = failing.map((job) => jobLine(job, `next ${new Date(job.nextRunAt).toISOString()}`));
  return head + [...again, ...dead.map((job) => jobLine(job, new Date(job.failedAt).toISOString()))].join('');
}

function jobLine(job: FailingJob | DeadLetter, when: string): string {
  const { id, name, subject, attempts, reason, status, octets } = job;
  const answered = status === undefined ? [] : [`HTTP ${status}`];
  const sent = octets === undefined ? [] : [`${octets} octets sent`];
  return `${[id, name, subject, `runs ${attempts}`, reason, ...answered, ...sent, when].join('  ')}\n`;
}

export const jobsRetry: Command = declareCommand({
  name: 'jobs retry',
  operands: 'ID…',
  about:
    'A running worker takes them within a second or two. Either ids or --all. Exit status 1 when ' +
    'there is no dead letter of an id.',
  options: { all: ALL, ...STORE_OPTIONS },
  more: STORE_PLACE,
  run: (values, ids, io) => changeDead({ ...values, ids }, io, 'retried', (queue, id) => queue.retry(id)),
});

export const jobsDrop: Command = declareCommand({
  name: 'jobs drop',
  operands: 'ID…',
  about: `The job is kept as done for a week, so that the same step is not queued again. Either ids or --all. Exit
status 1 when there is no dead letter of an id.`,
  options: { all: ALL, ...STORE_OPTIONS },
  more: STORE_PLACE,
  run: (values, ids, io) => changeDead({ ...values, ids }, io, 'dropped', (queue, id) => queue.drop(id)),
});

interface DeadAsked {
  readonly role: StoreRole;
  readonly all: boolean;
  readonly json: boolean;
  readonly ids: readonly string[];
}

async function changeDead(
  asked: DeadAsked,
  io: CommandIo,
  verb: 'retried' | 'dropped',
  change: (queue: QueueAdmin, id: string) => Promise<boolean>,
): Promise<ExitStatus> {
  if (asked.all === asked.ids.length > 0) throw new UsageError('Give either ids or --all.');
  const results = await withStore(io, asked.role, async (store) => {
    const queue = openQueueAdmin(store, systemClock);
    const ids = asked.all ? (await queue.deadLetters(MOST)).map(({ id }) => id) : asked.ids;
    const changed: { id: string; found: boolean }[] = [];
    for (const id of ids) changed.push({ id, found: await change(queue, id) });
    return changed;
  });
  const done = results.filter(({ found }) => found).map(({ id }) => id);
  const missing = results.filter(({ found }) => !found).map(({ id }) => id);
  if (asked.json) io.stdout(`${JSON.stringify({ [verb]: done, missing })}\n`);
  else io.stdout(`${verb} ${done.length}\n`);
  for (const id of missing) io.stderr(`There is no dead letter "${id}".\n`);
  return missing.length === 0 ? 0 : 1;
}
