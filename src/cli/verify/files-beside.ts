import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readZip } from '../../adapters/files/read-zip.ts';
import { defined } from '../../core/defined.ts';
import { asJitsuinError } from '../../core/errors.ts';
import { digestWords } from '../../core/forms/attached-files.ts';
import { composedName, fileNameFault, sameNames } from '../../core/forms/file-names.ts';
import type { Form } from '../../core/forms/form.ts';
import { isZip, type PackedFile, unpackedForm } from '../../core/forms/package.ts';
import type { GivenFile } from '../../verifier/forms/form-validation.ts';
import { UsageError } from '../command.ts';
import { readOctets } from '../document-arguments.ts';

/** Octets of one file beside the document. */
export const LARGEST_FILE = 64 * 1024 * 1024;
const MOST_FILES = 500;
/** Above this nothing is explained but what the digest is. */
const MOST_KEPT = 4 * 1024 * 1024;

export interface DocumentWithFiles {
  readonly document: Uint8Array;
  readonly documentName?: string;
  readonly files: readonly GivenFile[];
}

interface FileOptions {
  /** The operand; may be missing where a ZIP holds the document. */
  readonly document?: string;
  /** `NAME=PATH`. */
  readonly file: readonly string[];
  readonly folder?: string;
  readonly zip?: string;
  /** Files are kept as well as digested, so that a difference can be explained. */
  readonly keep?: boolean;
}

/**
 * Reads a document and the files beside it, which only the command line names: `--file NAME=PATH`, every regular file
 * of `--folder`, or
 * a ZIP. Nothing is opened by a name that stands in a document.
 * @throws UsageError
 */
export async function readWithFiles(options: FileOptions, form: Form): Promise<DocumentWithFiles> {
  const { document: operand, file, folder, zip } = options;
  const reading = { form, keep: options.keep ?? false };
  const ways = [file.length > 0, folder !== undefined, zip !== undefined].filter(Boolean).length;
  if (ways > 1) throw new UsageError('--file, --folder and --zip are three ways to give the files; use one.');
  if (zip !== undefined) return fromZip(readZip(await readOctets(zip)), operand, reading);
  if (operand === undefined) throw new UsageError('a FILE is missing; name one, or - for standard input.');
  const document = await readOctets(operand);
  if (isZip(document)) {
    if (ways > 0) throw new UsageError(`"${operand}" is a ZIP, which holds its own files.`);
    return fromZip(readZip(document), undefined, reading);
  }
  const documentName = operand === '-' ? undefined : composedName(basename(operand));
  const named = documentName === undefined ? {} : { documentName };
  if (folder !== undefined)
    return { document, ...named, files: await fromFolder(folder, documentName, reading) };
  return { document, ...named, files: await readEach(file, reading) };
}

/** Files without a document, as `--file` names them. @throws UsageError */
export async function readFilesAlone(file: readonly string[], form: Form): Promise<readonly GivenFile[]> {
  return readEach(file, { form, keep: false });
}

interface Reading {
  readonly form: Form;
  readonly keep: boolean;
}

async function readEach(file: readonly string[], reading: Reading): Promise<readonly GivenFile[]> {
  const files: GivenFile[] = [];
  for (const each of file) files.push(await givenFile(each, reading));
  return distinct(files);
}

async function givenFile(argument: string, reading: Reading): Promise<GivenFile> {
  const split = argument.indexOf('=');
  const path = split < 0 ? argument : argument.slice(split + 1);
  const name = split < 0 ? basename(argument) : argument.slice(0, split);
  const handle = await open(path, constants.O_RDONLY).catch((cause: unknown) => {
    throw new UsageError(`--file ${argument}: "${path}" cannot be read (${codeOf(cause)}).`);
  });
  return withHandle(handle, name, reading);
}

async function fromFolder(
  folder: string,
  documentName: string | undefined,
  reading: Reading,
): Promise<readonly GivenFile[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new UsageError(`--folder: "${folder}" cannot be read (${codeOf(cause)}).`);
  });
  // No Reference may name a hidden file, so none can be needed.
  const shown = entries.filter(({ name }) => !name.startsWith('.'));
  const strange = shown.find((entry) => !entry.isFile());
  if (strange !== undefined) {
    throw new UsageError(
      `--folder: "${strange.name}" in "${folder}" is not a regular file; give a folder without links and folders.`,
    );
  }
  if (shown.length > MOST_FILES)
    throw new UsageError(`--folder: "${folder}" holds more than ${MOST_FILES} files.`);
  const files: GivenFile[] = [];
  for (const { name } of shown) {
    if (composedName(name) === documentName) continue;
    const handle = await open(join(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW).catch(
      (cause: unknown) => {
        throw new UsageError(`--folder: "${name}" cannot be read (${codeOf(cause)}).`);
      },
    );
    files.push(await withHandle(handle, composedName(name), reading));
  }
  return distinct(files);
}

/** Digests as the file is read: what is large is never held. */
async function withHandle(handle: FileHandle, name: string, { form, keep }: Reading): Promise<GivenFile> {
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new UsageError(`"${name}" is not a regular file.`);
    if (found.size > LARGEST_FILE)
      throw new UsageError(`"${name}" has ${found.size} octets; at most ${LARGEST_FILE} are read.`);
    const hashes = digestWords(form).map((word) => [word, createHash(word)] as const);
    let length = 0;
    const kept: Uint8Array[] = [];
    for await (const chunk of handle.createReadStream({ autoClose: false, end: LARGEST_FILE })) {
      const octets = chunk as Uint8Array;
      length += octets.length;
      if (keep && length <= MOST_KEPT) kept.push(octets);
      for (const [, hash] of hashes) hash.update(octets);
    }
    if (length > LARGEST_FILE) throw new UsageError(`"${name}" grew above ${LARGEST_FILE} octets.`);
    const digests = Object.fromEntries(hashes.map(([word, hash]) => [word, hash.digest()]));
    const octets = keep && length <= MOST_KEPT ? Buffer.concat(kept) : undefined;
    return defined({ ...named(name, length, digests), octets });
  } finally {
    await handle.close();
  }
}

function fromZip(
  entries: readonly PackedFile[],
  operand: string | undefined,
  { form, keep }: Reading,
): DocumentWithFiles {
  const called = operand === undefined ? undefined : basename(operand);
  const { document, documentName, files } = unpacked(entries, form, called);
  const given = files.map(({ name, octets }) =>
    defined({ ...digested(name, octets, form), octets: keep ? octets : undefined }),
  );
  return { document, documentName, files: distinct(given) };
}

function unpacked(
  ...[entries, form, called]: Parameters<typeof unpackedForm>
): ReturnType<typeof unpackedForm> {
  try {
    return unpackedForm(entries, form, called);
  } catch (thrown) {
    const { code, message } = asJitsuinError(thrown);
    throw code === 'usage.arguments' ? new UsageError(message) : thrown;
  }
}

function digested(name: string, octets: Uint8Array, form: Form): GivenFile {
  const digests = digestWords(form).map((word) => [word, createHash(word).update(octets).digest()]);
  return named(name, octets.length, Object.fromEntries(digests));
}

function named(name: string, length: number, digests: GivenFile['digests']): GivenFile {
  const fault = fileNameFault(name);
  if (fault !== undefined) throw new UsageError(`The file name "${name}" ${fault}.`);
  return { name, length, digests };
}

function distinct(files: readonly GivenFile[]): readonly GivenFile[] {
  if (files.length > MOST_FILES) throw new UsageError(`More than ${MOST_FILES} files were given.`);
  const twins = sameNames(files.map(({ name }) => name));
  if (twins === undefined) return files;
  throw new UsageError(`Two files could be taken for one another: "${twins[0]}" and "${twins[1]}".`);
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
}
