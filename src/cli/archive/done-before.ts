import { createReadStream } from 'node:fs';
import { open, stat, truncate } from 'node:fs/promises';
import { type ArchiveColumns, type ArchiveFormat, lineStart } from './archive-lines.ts';

/** What an earlier run wrote, asked for in the order of the archive. */
export interface DoneBefore {
  /** Whether anything whole stands there. */
  readonly any: boolean;
  /** The word that was said of this name; undefined when it was not judged yet. */
  wordOf(name: string): Promise<string | undefined>;
}

export const NOTHING_DONE: DoneBefore = { any: false, wordOf: async () => undefined };

/**
 * Reads the lines of `out` beside the archive: lines are in the archive's order, so only what came in between since
 * (new or removed
 * files) is held. Half a line, left by a kill, is cut off.
 */
export async function doneBefore(
  out: string,
  columns: ArchiveColumns,
  format: ArchiveFormat,
): Promise<DoneBefore> {
  const size = await wholeLines(out);
  if (size === 0) return NOTHING_DONE;
  const lines = records(out, size, format);
  const passed = new Map<string, string[]>();
  const next = async (): Promise<readonly [string, string] | undefined> => {
    for (;;) {
      const { done, value } = await lines.next();
      if (done === true) return undefined;
      const start = lineStart(value, columns, format);
      if (start !== undefined) return start;
    }
  };
  return {
    any: true,
    wordOf: async (name) => {
      const known = passed.get(name)?.shift();
      if (known !== undefined) return known;
      for (let start = await next(); start !== undefined; start = await next()) {
        if (start[0] === name) return start[1];
        const words = passed.get(start[0]);
        if (words === undefined) passed.set(start[0], [start[1]]);
        else words.push(start[1]);
      }
      return undefined;
    },
  };
}

const LINE_END = 0x0a;
const BLOCK = 65_536;

/** The size of `path` up to its last line end; what follows is cut off. 0 when there is no file. */
async function wholeLines(path: string): Promise<number> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size === 0) return 0;
  const file = await open(path, 'r');
  let end = size;
  let whole = 0;
  try {
    while (end > 0 && whole === 0) {
      const from = Math.max(0, end - BLOCK);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(end - from), 0, end - from, from);
      whole = buffer.subarray(0, bytesRead).lastIndexOf(LINE_END) + 1;
      if (whole > 0) whole += from;
      end = from;
    }
  } finally {
    await file.close();
  }
  if (whole !== size) await truncate(path, whole);
  return whole;
}

/** Lines without their ends; in CSV a quoted line end belongs to its record. */
async function* records(
  path: string,
  size: number,
  format: ArchiveFormat,
): AsyncGenerator<string, void, undefined> {
  const lines = createReadStream(path, { encoding: 'utf8', end: size - 1 });
  let rest = '';
  let open = '';
  for await (const chunk of lines) {
    const parts = `${rest}${chunk}`.split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      open = open === '' ? part : `${open}\n${part}`;
      if (format === 'csv' && quotes(open) % 2 === 1) continue;
      yield open.endsWith('\r') ? open.slice(0, -1) : open;
      open = '';
    }
  }
}

function quotes(text: string): number {
  return text.split('"').length - 1;
}
