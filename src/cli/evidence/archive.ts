import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { asJitsuinError } from '../../core/errors.ts';
import type { EvidenceOutcome, ExportVerification } from '../../verifier/evidence/verify-exported.ts';
import type { CommandIo, ExitStatus } from '../command.ts';
import { inputFiles } from '../input-files.ts';
import { statusOf } from './output.ts';

/** How many records one row of answers is written for at once. */
const AT_ONCE = 100;
const COLUMNS = [
  'file',
  'outcome',
  'basis',
  'id',
  'result',
  'indication',
  'sub_indication',
  'proven_at',
  'valid_until',
] as const;
type Row = Readonly<Record<(typeof COLUMNS)[number], string>>;

export interface ArchiveOptions {
  readonly paths: readonly string[];
  readonly list: string | undefined;
  readonly format: 'ndjson' | 'csv';
  /** Appended to; what stands in it already is not judged again. Absent: standard output. */
  readonly out: string | undefined;
}

/** Worst first: something altered, then what could not be read, something negative, something not provable. */
const WORST: readonly (EvidenceOutcome | 'unreadable')[] = [
  'altered',
  'unreadable',
  'negative',
  'not-provable',
  'valid',
];

/**
 * Judges an archive file by file, holding one record at a time; one line a record and a summary on standard error.
 * After a kill the same command goes on after the last line of `out`.
 */
export async function verifyArchive(
  { paths, list, format, out }: ArchiveOptions,
  verify: (file: string) => Promise<ExportVerification>,
  io: CommandIo,
): Promise<ExitStatus> {
  const done = out === undefined ? new Map<string, string>() : await doneBefore(out, format);
  const counts = new Map<string, number>();
  const began = Date.now();
  let judged = 0;
  let waiting: string[] = out === undefined || done.size > 0 || format === 'ndjson' ? [] : [header()];
  const flush = async () => {
    const text = waiting.join('');
    waiting = [];
    if (out === undefined) io.stdout(text);
    else if (text !== '') await appendFile(out, text, { mode: 0o600 });
  };
  if (out === undefined && format === 'csv') io.stdout(header());
  for await (const file of inputFiles(paths, list)) {
    if (io.signal.aborted) break;
    const before = done.get(file);
    const row = before === undefined ? await rowOf(file, verify) : undefined;
    const outcome = row?.outcome ?? before ?? '';
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    if (row === undefined) continue;
    waiting.push(format === 'csv' ? csvLine(row) : `${JSON.stringify(withoutEmpty(row))}\n`);
    judged += 1;
    if (waiting.length >= AT_ONCE) {
      await flush();
      if (io.isTty) io.stderr(`\r${judged} judged, ${rate(judged, began)}/s`);
    }
  }
  await flush();
  const said = WORST.filter((outcome) => counts.has(outcome)).map(
    (outcome) => `${outcome} ${counts.get(outcome) ?? 0}`,
  );
  const rest = io.signal.aborted ? '; stopped before the end' : '';
  io.stderr(
    `${io.isTty ? '\r' : ''}${judged} judged now, ${rate(judged, began)}/s; ${said.join(', ')}${rest}\n`,
  );
  return io.signal.aborted ? 3 : worstOf(counts);
}

function worstOf(counts: ReadonlyMap<string, number>): ExitStatus {
  const worst = WORST.find((outcome) => counts.has(outcome));
  if (worst === undefined) return 2;
  return worst === 'unreadable' ? 2 : statusOf({ outcome: worst });
}

async function rowOf(file: string, verify: (file: string) => Promise<ExportVerification>): Promise<Row> {
  const empty = Object.fromEntries(COLUMNS.map((name) => [name, ''])) as Record<keyof Row, string>;
  try {
    const { outcome, basis, id = '', result = '', verdict, time } = await verify(file);
    return {
      ...empty,
      file,
      outcome,
      basis,
      id,
      result,
      indication: verdict?.indication ?? '',
      sub_indication: verdict?.subIndication ?? '',
      proven_at: instantText(time.provenAt),
      valid_until: instantText(time.validUntil),
    };
  } catch (thrown) {
    const error = asJitsuinError(thrown);
    if (error.kind === 'internal' && !isMissing(thrown)) throw thrown;
    return { ...empty, file, outcome: 'unreadable', result: error.code };
  }
}

/** A file of a list that is not there (or may not be read) is told in its line; the others are judged all the same. */
function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string';
}

function instantText(instant: number | undefined): string {
  return instant === undefined ? '' : new Date(instant).toISOString();
}

function withoutEmpty(row: Row): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== ''));
}

function header(): string {
  return `${COLUMNS.join(',')}\r\n`;
}

/** RFC 4180; file names may hold anything. */
function csvLine(row: Row): string {
  return `${COLUMNS.map((name) => quoted(row[name])).join(',')}\r\n`;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function rate(count: number, began: number): number {
  return Math.round((count * 1000) / Math.max(1, Date.now() - began));
}

/** File → outcome of the lines that are whole; half a line, left by a kill, is cut off. */
async function doneBefore(
  out: string,
  format: ArchiveOptions['format'],
): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(out, 'utf8').catch(() => '');
  const end = text.lastIndexOf('\n') + 1;
  if (end !== text.length) await writeFile(out, text.slice(0, end));
  const done = new Map<string, string>();
  for (const line of text.slice(0, end).split('\n')) {
    const [file, outcome] = format === 'csv' ? csvStart(line) : jsonStart(line);
    if (file !== undefined && outcome !== undefined && file !== 'file') done.set(file, outcome);
  }
  return done;
}

function jsonStart(line: string): readonly (string | undefined)[] {
  if (line === '') return [];
  const { file, outcome } = JSON.parse(line) as { readonly file?: string; readonly outcome?: string };
  return [file, outcome];
}

function csvStart(line: string): readonly (string | undefined)[] {
  const found = /^(?:"((?:[^"]|"")*)"|([^,"]*)),([a-z-]+),/.exec(line);
  return found === null ? [] : [found[1]?.replaceAll('""', '"') ?? found[2], found[3]];
}
