import { readFile, rename } from 'node:fs/promises';
import type { sp } from '../../client/index.ts';
import { type ArchiveRow, archiveLine, headerLine } from '../archive/archive-lines.ts';
import { UsageError } from '../command.ts';
import { appendPrivate, writePrivate } from '../private-file.ts';
import { parseCsv } from './csv.ts';

const COLUMNS = [
  'external_id',
  'state',
  'indication',
  'sub_indication',
  'id',
  'sign_url',
  'file',
  'sha256',
  'created_at',
  'expires_at',
  'problem',
] as const;

/** One line of the table; members that are not known are empty. */
export type TableRow = Readonly<Record<(typeof COLUMNS)[number], string>>;

/**
 * The table of a batch: what was sent and what became of it, as CSV. It is also the memory of the batch: each line is
 * appended when it is true, the last one of an external_id counts, and half a line that a kill left is none. Sign
 * links are in it, so it is its owner's alone.
 */
export interface BatchTable {
  readonly rows: ReadonlyMap<string, TableRow>;
  put(row: TableRow): Promise<void>;
  /** One line for each document again, in their order. */
  tidy(): Promise<void>;
}

export async function openBatchTable(path: string): Promise<BatchTable> {
  const text = await readFile(path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return '';
    throw thrown;
  });
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const rows = rowsOf(path, whole);
  if (whole !== text || whole === '') await rewrite(path, rows);
  return {
    rows,
    put: async (row) => {
      rows.set(row.external_id, row);
      await appendPrivate(path, archiveLine(row, COLUMNS, 'csv'));
    },
    tidy: () => rewrite(path, rows),
  };
}

function rowsOf(path: string, text: string): Map<string, TableRow> {
  const [header, ...records] = parseCsv(text);
  if (header !== undefined && header.join() !== COLUMNS.join()) {
    throw new UsageError(`${path} is there and is no table of a batch; give another name.`);
  }
  const rows = new Map<string, TableRow>();
  for (const record of records) {
    const row = Object.fromEntries(COLUMNS.map((column, at) => [column, record[at] ?? ''])) as TableRow;
    rows.set(row.external_id, row);
  }
  return rows;
}

/** In place at once, so that a kill leaves the one or the other. */
async function rewrite(path: string, rows: ReadonlyMap<string, ArchiveRow>): Promise<void> {
  const lines = [...rows.values()].map((row) => archiveLine(row, COLUMNS, 'csv'));
  await writePrivate(`${path}.new`, headerLine(COLUMNS) + lines.join(''));
  await rename(`${path}.new`, path);
}

/** What the API says of an application, beside what was sent. */
export function rowOf(
  application: sp.Application,
  sent: Pick<TableRow, 'file' | 'sha256'> & Partial<Pick<TableRow, 'external_id' | 'sign_url'>>,
): TableRow {
  const { id, state, verdict, failure, created_at, expires_at } = application;
  return {
    external_id: sent.external_id ?? application.external_id ?? '',
    state,
    indication: verdict?.indication ?? '',
    sub_indication: verdict?.sub_indication ?? '',
    id,
    sign_url: application.sign_url ?? sent.sign_url ?? '',
    file: sent.file,
    sha256: sent.sha256,
    created_at,
    expires_at,
    problem: failure?.code ?? '',
  };
}

export function refusedRow(external_id: string, file: string, sha256: string, problem: string): TableRow {
  const none = { indication: '', sub_indication: '', id: '', sign_url: '', created_at: '', expires_at: '' };
  return { external_id, state: 'not-sent', ...none, file, sha256, problem };
}
