import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join } from 'node:path';
import type { BatchDocument } from '../../client/index.ts';
import { newApplicationQuerySchema } from '../../contracts/public-api.ts';
import { fromUtf8 } from '../../core/encoding.ts';
import { asJitsuinError } from '../../core/errors.ts';
import { isXmlSignatureProfileName } from '../../core/xmldsig/profile-table.ts';
import { UsageError } from '../command.ts';
import { inputFiles, isFolder } from '../input-files.ts';
import { parseCsv } from './csv.ts';

/** What stands in the columns of a list; `files` holds names beside the list, with | between them. */
const COLUMNS = [
  'external_id',
  'file',
  'profile',
  'form',
  'files',
  'mode',
  'name',
  'element',
  'return_to',
] as const;
/** So many faults of a list are told. */
const TOLD = 10;

export interface ListedDocument extends BatchDocument {
  readonly file: string;
  /** Paths of the files beside it; each is signed under its own name. */
  readonly beside: readonly string[];
}

/** For every document whose row says nothing else. */
export type ListDefaults = Readonly<Partial<Record<'profile' | 'form' | 'mode' | 'return_to', string>>>;

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
  for (const { place, file, files, told } of rows) {
    const parsed = newApplicationQuerySchema.safeParse(told);
    const external = told['external_id'] ?? '';
    if (external === '') faults.push(`${place}: external_id is missing`);
    else if (!parsed.success)
      faults.push(`${place}: ${parsed.error.issues[0]?.path.join('/')}: ${parsed.error.issues[0]?.message}`);
    const before = seen.get(external);
    if (before !== undefined) faults.push(`${place}: external_id "${external}" stands at ${before} too`);
    seen.set(external, place);
    for (const path of [file, ...files]) {
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile() !== true) faults.push(`${place}: there is no file ${path}`);
    }
    if (files.length > 0 && told['form'] === undefined)
      faults.push(`${place}: files go with a form, and the row names none`);
    if (!parsed.success) continue;
    documents.push({
      ...parsed.data,
      external_id: external,
      file,
      beside: files,
      body: () => readFile(file),
      files: () =>
        Promise.all(files.map(async (path) => ({ name: basename(path), content: await readFile(path) }))),
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
  readonly files: readonly string[];
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
    rows.push({ place: below, file, files: [], told: { ...defaults, external_id } });
  }
  return rows;
}

async function listRows(list: string, defaults: ListDefaults): Promise<readonly Row[]> {
  const [header = [], ...records] = recordsOf(list, await readFile(list));
  const columns = header.map((name) => name.trim());
  const unknown = columns.filter((name) => !COLUMNS.some((known) => known === name));
  if (unknown.length > 0 || !columns.includes('file') || !columns.includes('external_id')) {
    throw new UsageError(
      `The first line of ${basename(list)} must name the columns external_id and file, and may name ` +
        `${COLUMNS.slice(2).join(', ')}; it has ${header.join(', ') || 'none'}.`,
    );
  }
  return records.map((record, index) => {
    const named = columns.map((column, at) => [column, record[at] ?? ''] as const);
    const { file = '', files = '', ...told } = Object.fromEntries(named.filter(([, value]) => value !== ''));
    const beside = (name: string) => (isAbsolute(name) ? name : join(dirname(list), name));
    return {
      place: `record ${index + 1}`,
      file: beside(file),
      files: files === '' ? [] : files.split('|').map(beside),
      told: withDefaults(defaults, inOneWord(told)),
    };
  });
}

/** The profiles are forms too: under either word they are what the server calls a profile. */
function inOneWord({ form, ...told }: Row['told']): Row['told'] {
  if (form === undefined) return told;
  const isProfile = form === 'detached' || isXmlSignatureProfileName(form);
  return Object.assign(told, isProfile ? { profile: form } : { form });
}

/** What a row says of its own form takes the place of the default, whichever of the two words it uses. */
function withDefaults(defaults: ListDefaults, told: Readonly<Record<string, string>>): Row['told'] {
  const { profile: _profile, form: _form, ...others } = defaults;
  const own = told['profile'] !== undefined || told['form'] !== undefined;
  return Object.assign({}, own ? others : defaults, told);
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
