import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { DestinationStream } from 'pino';
import { JitsuinError } from '../../core/errors.ts';
import { DAY_MILLIS, MINUTE_MILLIS } from '../../core/spans.ts';
import type { Clock } from '../../ports/clock.ts';

export interface LogFilesOptions {
  /** Which part of the software writes, for example `sp-worker`. */
  readonly part: string;
  /** Made with mode 0700 where it is missing. */
  readonly directory: string;
  /** UTC days that a file stays after its own. */
  readonly days: number;
  readonly clock: Clock;
  /** Takes the lines that no file takes. */
  readonly instead: DestinationStream;
  /** Told at a change of day how many files were due and could not be deleted. */
  readonly notDeleted: (count: number) => void;
  /** Milliseconds between two looks at the clock when nothing is written. */
  readonly lookMillis?: number;
}

export interface LogFiles extends DestinationStream {
  /** Every line is in its file when `write` returns; later lines go to `instead`. */
  close(): void;
}

interface DayFile {
  readonly day: string;
  /** Absent while the file cannot be opened. */
  readonly descriptor?: number;
}

/** More than a file system keeps room for inside an inode, so a full disk shows. */
const TRIAL = 65_536;
const REST = /^(\d{4}-\d{2}-\d{2})\.[0-9A-Za-z-]+\.log$/;

/**
 * `<part>-YYYY-MM-DD.<host>-<process id>.log`, mode 0600, one a UTC day and process. Files of the same part that
 * are due are deleted at the start and at each change of day. After the start nothing here throws.
 * @throws JitsuinError `config.invalid` where the folder cannot be written, is full, or keeps what is due
 */
export function openLogFiles(options: LogFilesOptions): LogFiles {
  const { clock, instead, notDeleted, lookMillis = MINUTE_MILLIS } = options;
  let file: DayFile = openAtStart(options, dayOf(clock.now()));
  let closed = false;
  const turn = () => {
    const day = dayOf(clock.now());
    if (closed || day === file.day) return;
    closeQuietly(file);
    file = openQuietly(options, day);
    const left = deleteDue(options, day);
    if (left > 0) notDeleted(left);
  };
  const look = () => {
    if (file.descriptor === undefined && !closed) file = openQuietly(options, file.day);
    turn();
  };
  const looking = setInterval(look, lookMillis).unref();
  return {
    write: (text) => {
      turn();
      if (!appended(file, Buffer.from(text))) instead.write(text);
    },
    close: () => {
      if (closed) return;
      closed = true;
      clearInterval(looking);
      closeQuietly(file);
      file = { day: file.day };
    },
  };
}

function openAtStart(options: LogFilesOptions, day: string): DayFile {
  const at = 'JITSUIN_LOG_DIR';
  try {
    tryRoom(options, day);
    const file = openFile(options, day);
    const left = deleteDue(options, day);
    if (left === 0) return file;
    closeQuietly(file);
  } catch (thrown) {
    const why = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
    const message =
      `The folder of ${at} cannot take log files (${why}). Give this user a folder it may write, ` +
      `with room, or unset ${at} to log to standard output.`;
    throw new JitsuinError('config.invalid', message, { at });
  }
  const message =
    `In the folder of ${at} this user may not list or delete log files older than ` +
    'JITSUIN_LOG_DAYS. Delete them, or give this user the right.';
  throw new JitsuinError('config.invalid', message, { at });
}

/** A full disk lets an empty file be made; only octets show it. */
function tryRoom(options: LogFilesOptions, day: string): void {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const trial = `${pathOf(options, day)}.trial`;
  try {
    writeFileSync(trial, Buffer.alloc(TRIAL), { mode: 0o600, flush: true });
  } finally {
    rmSync(trial, { force: true });
  }
}

function openFile(options: LogFilesOptions, day: string): DayFile {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  return { day, descriptor: openSync(pathOf(options, day), 'a', 0o600) };
}

function openQuietly(options: LogFilesOptions, day: string): DayFile {
  try {
    return openFile(options, day);
  } catch {
    return { day };
  }
}

function closeQuietly({ descriptor }: DayFile): void {
  try {
    if (descriptor !== undefined) closeSync(descriptor);
  } catch {
    // nothing that a caller could do
  }
}

/** The whole line or nothing of it: half a line would spoil the next. */
function appended({ descriptor }: DayFile, octets: Buffer): boolean {
  if (descriptor === undefined) return false;
  let written = 0;
  try {
    while (written < octets.length) written += writeSync(descriptor, octets, written);
  } catch {
    if (written > 0) takeBack(descriptor, written);
  }
  return written === octets.length;
}

function takeBack(descriptor: number, octets: number): void {
  try {
    ftruncateSync(descriptor, fstatSync(descriptor).size - octets);
  } catch {
    // the half line stays
  }
}

/** How many files of this part were due and could not be deleted. */
function deleteDue(options: LogFilesOptions, today: string): number {
  const { part, directory, days } = options;
  const kept = dayOf(Date.parse(today) - days * DAY_MILLIS);
  let left = 0;
  try {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const day = entry.name.startsWith(`${part}-`)
        ? REST.exec(entry.name.slice(part.length + 1))?.[1]
        : undefined;
      if (day === undefined || day >= kept || !entry.isFile()) continue;
      left += deleted(join(directory, entry.name)) ? 0 : 1;
    }
  } catch {
    left += 1;
  }
  return left;
}

function deleted(path: string): boolean {
  try {
    // another process of this part may have been first
    rmSync(path, { force: true });
    return true;
  } catch {
    return false;
  }
}

function pathOf({ part, directory }: LogFilesOptions, day: string): string {
  const host = hostname()
    .replace(/[^0-9A-Za-z-]/g, '-')
    .slice(0, 63);
  return join(directory, `${part}-${day}.${host}-${process.pid}.log`);
}

function dayOf(millis: number): string {
  return new Date(millis).toISOString().slice(0, 10);
}
