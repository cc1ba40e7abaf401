import { parseArgs } from 'node:util';
import { systemClock } from '../adapters/clock.ts';
import { openJobDesk } from '../adapters/queue/job-desk.ts';
import type { JobDesk } from '../ports/job-desk.ts';
import type { DeadLetter, JobCounts } from '../ports/job-queue.ts';
import { type Command, type CommandIo, type ExitStatus, UsageError } from './command.ts';
import { STORAGE_USAGE, withStore } from './storage-arguments.ts';

const OPTIONS = {
  role: { type: 'string' },
  json: { type: 'boolean', default: false },
  limit: { type: 'string', default: '50' },
  all: { type: 'boolean', default: false },
} as const;

const MOST = 10_000;

export const jobsList: Command = {
  name: 'jobs list',
  usage: `Usage: jitsuin jobs list --role sp|gov|pf [--limit N] [--json]

Dead letters are jobs that failed for good; their reason is a stable error code. Newest first.

  --limit N          at most N dead letters (default: 50, most: ${MOST})
${STORAGE_USAGE}`,
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    const limit = Number(values.limit);
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST) {
      throw new UsageError(`--limit must be a whole number from 1 to ${MOST}.`);
    }
    const { counts, dead } = await withStore(io, values.role, 'require', async (store) => {
      const desk = openJobDesk(store, systemClock);
      return { counts: await desk.counts(), dead: await desk.deadLetters(limit) };
    });
    io.stdout(values.json ? `${JSON.stringify({ counts, dead })}\n` : listText(counts, dead));
    return 0;
  },
};

function listText(counts: JobCounts, dead: readonly DeadLetter[]): string {
  const { waiting, delayed, active } = counts;
  const head = `waiting ${waiting}  delayed ${delayed}  active ${active}  dead ${counts.dead}\n`;
  const lines = dead.map(({ id, name, subject, attempts, reason, failedAt }) =>
    [id, name, subject, `runs ${attempts}`, reason, new Date(failedAt).toISOString()].join('  '),
  );
  return head + lines.map((line) => `${line}\n`).join('');
}

export const jobsRetry: Command = {
  name: 'jobs retry',
  usage: `Usage: jitsuin jobs retry --role sp|gov|pf ID… | --all [--json]

A running worker takes them within a second or two. Exit status 1 when there is no dead letter of an id.

  --all              every dead letter
${STORAGE_USAGE}`,
  run: (args, io) => changeDead(args, io, 'retried', (desk, id) => desk.retry(id)),
};

export const jobsDrop: Command = {
  name: 'jobs drop',
  usage: `Usage: jitsuin jobs drop --role sp|gov|pf ID… | --all [--json]

The job is kept as done for a week, so that the same step is not queued again. Exit status 1 when there is no dead letter
of an id.

  --all              every dead letter
${STORAGE_USAGE}`,
  run: (args, io) => changeDead(args, io, 'dropped', (desk, id) => desk.drop(id)),
};

async function changeDead(
  args: readonly string[],
  io: CommandIo,
  verb: 'retried' | 'dropped',
  change: (desk: JobDesk, id: string) => Promise<boolean>,
): Promise<ExitStatus> {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  if (values.all === positionals.length > 0) throw new UsageError('Give either ids or --all.');
  const results = await withStore(io, values.role, 'require', async (store) => {
    const desk = openJobDesk(store, systemClock);
    const ids = values.all ? (await desk.deadLetters(MOST)).map(({ id }) => id) : positionals;
    const changed: { id: string; found: boolean }[] = [];
    for (const id of ids) changed.push({ id, found: await change(desk, id) });
    return changed;
  });
  const done = results.filter(({ found }) => found).map(({ id }) => id);
  const missing = results.filter(({ found }) => !found).map(({ id }) => id);
  if (values.json) io.stdout(`${JSON.stringify({ [verb]: done, missing })}\n`);
  else io.stdout(`${verb} ${done.length}\n`);
  for (const id of missing) io.stderr(`There is no dead letter "${id}".\n`);
  return missing.length === 0 ? 0 : 1;
}
