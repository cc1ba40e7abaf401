import { defined } from '../../core/defined.ts';
import { asJitsuinError } from '../../core/errors.ts';
import type { ProvenRecord } from '../../verification/evidence/kept-evidence.ts';
import type { CommandIo, ExitStatus } from '../command.ts';
import { appendPrivate } from '../private-file.ts';
import { perSecond, showProgress } from '../progress.ts';
import type { ArchiveItem, ArchiveJudges } from './archive-judges.ts';
import {
  type ArchiveColumns,
  type ArchiveFormat,
  type ArchiveRow,
  archiveLine,
  headerLine,
} from './archive-lines.ts';
import { type DoneBefore, doneBefore, NOTHING_DONE } from './done-before.ts';

/** What is judged at once by one thread: so many, or so many octets. */
const BATCH = 64;
const BATCH_OCTETS = 8 * 1024 * 1024;
/** Batches under way for each thread: while one is judged the next waits for it. */
const AHEAD = 3;

/** Something named in the archive; what is not a file of its own brings its record when its turn comes. */
interface ArchiveInput {
  readonly name: string;
  readonly take?: () => Promise<ProvenRecord>;
}

export interface ArchiveRun {
  readonly inputs: AsyncIterable<ArchiveInput>;
  /** For the time left, on a terminal. */
  readonly total?: (() => Promise<number>) | undefined;
  readonly columns: ArchiveColumns;
  readonly format: ArchiveFormat;
  /** Appended to; what stands in it already is not judged again. Absent: standard output. */
  readonly out: string | undefined;
  /** The words that are counted, worst first, with the exit status that each asks for. */
  readonly worst: readonly (readonly [word: string, status: ExitStatus])[];
  /** Said before, and tried again all the same. */
  readonly again?: string;
  /** What is judged: "judged", or what else is done with each. */
  readonly done?: string;
  /** @param few all that there is fits into one batch */
  judges(few: boolean): ArchiveJudges;
  /** The row of what could not be read or judged. */
  unjudged(name: string, code: string): ArchiveRow;
}

/**
 * Judges one thing after the other on every processor, holding a few batches and nothing else; one line each, in the
 * archive's order,
 * and a summary on standard error. After a kill the same command goes on after the last line of `out`.
 */
export async function runArchive(run: ArchiveRun, io: CommandIo): Promise<ExitStatus> {
  const { columns, format, out, worst } = run;
  const before = out === undefined ? NOTHING_DONE : await doneBefore(out, columns, format);
  const write = async (text: string) => {
    if (out === undefined) {
      io.stdout(text);
      await io.drained?.();
    } else if (text !== '') await appendPrivate(out, text);
  };
  if (format === 'csv' && !before.any) await write(headerLine(columns));
  const counts = new Map<string, number>();
  const count = (word: string) => counts.set(word, (counts.get(word) ?? 0) + 1);
  const began = Date.now();
  const progress = showProgress(
    io,
    defined({ word: run.done ?? 'judged', total: io.isTty ? run.total?.() : undefined }),
  );
  let judged = 0;
  let skipped = 0;
  const done = async (rows: readonly ArchiveRow[]) => {
    await write(rows.map((row) => archiveLine(row, columns, format)).join(''));
    for (const row of rows) count(row[columns[1]] ?? '');
    judged += rows.length;
    progress.step(judged, skipped);
  };
  const skip = (word: string) => {
    skipped += 1;
    count(word);
    progress.step(judged, skipped);
  };
  await judgeAll(run, before, { done, skip, signal: io.signal });
  progress.end();
  const stopped = io.signal.aborted;
  const said = [...worst.map(([word]) => word), '']
    .filter((word) => counts.has(word))
    .map((word) => `${word === '' ? 'unknown' : word} ${counts.get(word) ?? 0}`);
  const rest = stopped ? '; stopped before the end' : '';
  const rate = perSecond(judged, Date.now() - began);
  const earlier = skipped === 0 ? '' : `, ${skipped} before`;
  io.stderr(`${judged} ${run.done ?? 'judged'} now${earlier}, ${rate}/s; ${said.join(', ')}${rest}\n`);
  if (stopped) return 3;
  return worst.find(([word]) => counts.has(word))?.[1] ?? 2;
}

/**
 * The record, or the code of why there is none. @throws where the store does not answer: that is no fault of the
 * record
 */
async function orCode(take: () => Promise<ProvenRecord>): Promise<ProvenRecord | string> {
  try {
    return await take();
  } catch (thrown) {
    const { code, kind } = asJitsuinError(thrown);
    if (kind === 'temporary') throw thrown;
    return code;
  }
}

interface Told {
  done(rows: readonly ArchiveRow[]): Promise<void>;
  skip(word: string): void;
  readonly signal: AbortSignal;
}

async function judgeAll(run: ArchiveRun, before: DoneBefore, { done, skip, signal }: Told): Promise<void> {
  const opened: ArchiveJudges[] = [];
  const underWay: Promise<readonly ArchiveRow[]>[] = [];
  const start = (batch: readonly ArchiveItem[], few: boolean): ArchiveJudges => {
    const judges = opened[0] ?? run.judges(few);
    opened[0] = judges;
    const rows = judges.judge(batch);
    rows.catch(() => {}); // whoever awaits it in its turn is told
    underWay.push(rows);
    return judges;
  };
  try {
    let batch: ArchiveItem[] = [];
    let octets = 0;
    for await (const { name, take } of run.inputs) {
      if (signal.aborted) break;
      const word = before.any ? await before.wordOf(name) : undefined;
      if (word !== undefined && word !== run.again) {
        skip(word);
        continue;
      }
      if (take === undefined) batch.push({ name });
      else {
        const taken = await orCode(take);
        if (typeof taken === 'string') {
          if (batch.length > 0) start(batch, false);
          underWay.push(Promise.resolve([run.unjudged(name, taken)]));
          [batch, octets] = [[], 0];
          continue;
        }
        octets += taken.octets.length;
        batch.push({ name, record: taken });
      }
      if (batch.length < BATCH && octets < BATCH_OCTETS) continue;
      const { threads } = start(batch, false);
      [batch, octets] = [[], 0];
      while (underWay.length >= threads * AHEAD) await done((await underWay.shift()) ?? []);
    }
    if (batch.length > 0 && !signal.aborted) start(batch, opened.length === 0);
    while (underWay.length > 0) await done((await underWay.shift()) ?? []);
  } finally {
    await opened[0]?.close();
  }
}
