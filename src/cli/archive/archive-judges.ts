import { availableParallelism } from 'node:os';
import { openBoundedThreads } from '../../adapters/threads/bounded-threads.ts';
import { asJitsuinError, JitsuinError } from '../../core/errors.ts';
import type { ProvenRecord } from '../../verification/evidence/kept-evidence.ts';
import type { ArchiveRow } from './archive-lines.ts';

/** One thing of an archive: a record as a store gave it, or the file that the judge reads itself. */
export interface ArchiveItem {
  readonly name: string;
  readonly record?: ProvenRecord;
}

/** Judges one thing; whatever is wrong with it is in the row. */
export type ArchiveJudge = (item: ArchiveItem) => Promise<ArchiveRow>;

/**
 * What a thread is told once: which command, and its options as they were given. Rules are read from them in each
 * thread.
 */
export interface ArchiveThreadData {
  readonly command: 'verify' | 'evidence verify' | 'evidence export';
  readonly values: unknown;
}

export interface ArchiveJudges {
  /** Rows in the order of the items. */
  judge(items: readonly ArchiveItem[]): Promise<readonly ArchiveRow[]>;
  readonly threads: number;
  close(): Promise<void>;
}

/** What one batch, and a document judged alone, may take; ms. A document of the greatest size takes seconds. */
const MILLIS = 120_000;
/** MiB of a thread's heap; octets of documents are beside it and have their own limits. */
const HEAP = 512;

/**
 * As many threads as there are processors. A document that needs more time or memory than it may ends its thread: it
 * is told as
 * `unreadable` with `judgement.too-costly`, and the others of its batch are judged again one by one.
 * @param unjudged the row of an item whose judgement ended so
 */
export function threadJudges(
  data: ArchiveThreadData,
  unjudged: (name: string, code: string) => ArchiveRow,
): ArchiveJudges {
  const threads = availableParallelism();
  const entry = new URL(`./judge-thread${import.meta.url.slice(-3)}`, import.meta.url);
  const pool = openBoundedThreads({ entry, data, threads, millis: MILLIS, heap: HEAP });
  const noQuestions = async () => {
    throw new JitsuinError('internal.unexpected', 'A judging thread asked for something.');
  };
  const judge = async (items: readonly ArchiveItem[]): Promise<readonly ArchiveRow[]> => {
    try {
      return (await pool.run(items, noQuestions)) as readonly ArchiveRow[];
    } catch (thrown) {
      const { code } = asJitsuinError(thrown);
      const [item] = items;
      if (code === 'http.shutting-down' || item === undefined) throw thrown;
      if (items.length === 1) return [unjudged(item.name, code)];
      return (await Promise.all(items.map((one) => judge([one])))).flat();
    }
  };
  return { judge, threads, close: pool.close };
}

/** In this thread, one after the other: for few, or where a rule comes from standard input. */
export function judgesHere(judge: ArchiveJudge): ArchiveJudges {
  return {
    judge: async (items) => {
      const rows: ArchiveRow[] = [];
      for (const item of items) rows.push(await judge(item));
      return rows;
    },
    threads: 1,
    close: async () => {},
  };
}
