import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join } from 'node:path';
import type { BatchDocument } from '../../client/index.ts';
import { newApplicationQuerySchema } from '../../contracts/public-api.ts';
import { fromUtf8 } from '../../core/encoding.ts';
import { asJitsuinError } from '../../core/errors.ts';
import { UsageError } from '../command.ts';
import { inputFiles, isFolder } from '../input-files.ts';
import { parseCsv } from './csv.ts';

/** What stands in the columns of a list; `form` is another name of `profile`. */
const COLUMNS = ['external_id', 'file', 'profile', 'mode', 'name', 'element', 'return_to'] as const;
/** So many faults of a list are told. */
const TOLD = 10;

export interface ListedDocument extends BatchDocument {
  readonly file: string;
}

/** For every document whose row says nothing else. */
export type ListDefaults = Readonly<Partial<Record<'profile' | 'mode' | 'return_to', string>>>;

/**
 * The documents of a folder (every `.xml` file in and below it; with profile `detached` every file), named by their
 * path there without the ending, or those of a list in CSV.
 * @throws UsageError with every fault, before anything is sent: columns, values, names twice, files that are not there
 */
export async function documentsOf(
  source: string,
  defaults: ListDefaults,
  except: string,
): Promise<readonly ListedDocument[]> {
  const rows = (await isFolder(source))
    ? await folderRows(source, defaults, except)
    : await listRows(source, defaults);
  const faults: string[] = [];
  const seen = new Map<string, string>();
  const documents: ListedDocument[] = [];
  for (const { place, file, told } of rows) {
    const parsed = newApplicationQuerySchema.safeParse(told);
    const external = told['external_id'] ?? '';
    if (external === '') faults.push(`${place}: external_id is missing`);
    else if (!parsed.success)
      faults.push(`${place}: ${parsed.error.issues[0]?.path.join('/')}: ${parsed.error.issues[0]?.message}`);
    const before = seen.get(external);
    if (before !== undefined) faults.push(`${place}: external_id "${external}" stands at ${before} too`);
    seen.set(external, place);
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile() !== true) faults.push(`${place}: there is no file ${file}`);
    if (!parsed.success) continue;
    documents.push({
      ...parsed.data,
      external_id: external,
      file,
      body: () => readFile(file),
    } as ListedDocument);
  }
  refuse(source, faults);
  if (documents.length === 0) throw new UsageError(`${source} names no document.`);
  return documents;
}

interface Row {
  /** Where it stands, for messages. */
  readonly place: string;
  readonly file: string;
  readonly told: Readonly<Record<string, string>>;
}

async function folderRows(folder: string, defaults: ListDefaults, except: string): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const file of inputFiles({ paths: [folder], except })) {
    if (defaults.profile !== 'detached' && extname(file).toLowerCase() !== '.xml') continue;
    const below = file.slice(folder.replace(/\/+$/, '').length + 1);
    const external_id = below.slice(
      0,
      below.length - (defaults.profile === 'detached' ? 0 : extname(below).length),
    );
    rows.push({ place: below, file, told: { ...defaults, external_id } });
  }
  return rows;
}

async function listRows(list: string, defaults: ListDefaults): Promise<readonly Row[]> {
  const [header = [], ...records] = recordsOf(list, await readFile(list));
  const columns = header.map((name) => (name.trim() === 'form' ? 'profile' : name.trim()));
  const unknown = columns.filter((name) => !COLUMNS.some((known) => known === name));
  if (unknown.length > 0 || !columns.includes('file') || !columns.includes('external_id')) {
    throw new UsageError(
      `The first line of ${basename(list)} must name the columns external_id and file, and may name ` +
        `${COLUMNS.slice(2).join(', ')}; it has ${header.join(', ') || 'none'}.`,
    );
  }
  return records.map((record, index) => {
    const named = columns.map((column, at) => [column, record[at] ?? ''] as const);
    const { file = '', ...told } = Object.fromEntries(named.filter(([, value]) => value !== ''));
    return {
      place: `record ${index + 1}`,
      file: isAbsolute(file) ? file : join(dirname(list), file),
      told: { ...defaults, ...told },
    };
  });
}

function recordsOf(list: string, octets: Uint8Array): readonly (readonly string[])[] {
  try {
    return parseCsv(fromUtf8(octets));
  } catch (thrown) {
    const why = thrown instanceof SyntaxError ? thrown.message : asJitsuinError(thrown).message;
    throw new UsageError(`${basename(list)} is not CSV in UTF-8: ${why}`);
  }
}

function refuse(source: string, faults: readonly string[]): void {
  if (faults.length === 0) return;
  const more = faults.length > TOLD ? `\n… and ${faults.length - TOLD} more` : '';
  throw new UsageError(`Nothing was sent. In ${source}:\n${faults.slice(0, TOLD).join('\n')}${more}`);
}
