import { asJitsuinError } from '../../core/errors.ts';

/** One judged thing of an archive, column by column; what is not known is empty. */
export type ArchiveRow = Readonly<Record<string, string>>;

export type ArchiveFormat = 'ndjson' | 'csv';

/**
 * Column names in their order: the first names the thing (`file` or `id`), the second holds the word that is counted.
 */
export type ArchiveColumns = readonly [name: string, word: string, ...others: string[]];

export function headerLine(columns: ArchiveColumns): string {
  return `${columns.join(',')}\r\n`;
}

export function archiveLine(row: ArchiveRow, columns: ArchiveColumns, format: ArchiveFormat): string {
  if (format === 'csv') return `${columns.map((column) => quoted(row[column] ?? '')).join(',')}\r\n`;
  const filled = columns.map((column) => [column, row[column] ?? '']).filter(([, value]) => value !== '');
  return `${JSON.stringify(Object.fromEntries(filled))}\n`;
}

/** Name and word of a whole line; undefined for the header and for what is no line of these columns. */
export function lineStart(
  line: string,
  columns: ArchiveColumns,
  format: ArchiveFormat,
): readonly [name: string, word: string] | undefined {
  const [name, word] = format === 'csv' ? csvStart(line) : jsonStart(line, columns);
  if (name === undefined || word === undefined) return undefined;
  return name === columns[0] && word === columns[1] ? undefined : [name, word];
}

/** RFC 4180; names of files may hold anything, line ends too. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function jsonStart(line: string, [name, word]: ArchiveColumns): readonly (string | undefined)[] {
  try {
    const row = JSON.parse(line) as Readonly<Record<string, string | undefined>>;
    return [row[name], row[word]];
  } catch {
    return [];
  }
}

function csvStart(line: string): readonly (string | undefined)[] {
  const found = /^(?:"((?:[^"]|"")*)"|([^,"]*)),([A-Za-z-]+),/.exec(line);
  return found === null ? [] : [found[1]?.replaceAll('""', '"') ?? found[2], found[3]];
}

/** Why a file gave nothing, in one word: that of the system (ENOENT, EACCES …), else ours. */
export function reasonOf(thrown: unknown): string {
  if (thrown instanceof Error && 'code' in thrown && /^E[A-Z]+$/.test(String(thrown.code)))
    return String(thrown.code);
  return asJitsuinError(thrown).code;
}
