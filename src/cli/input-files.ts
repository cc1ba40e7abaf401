import { open, opendir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export interface InputFiles {
  readonly paths: readonly string[];
  /** A file with one path a line; `-` is standard input. */
  readonly list?: string | undefined;
  /** Never given: what the command itself writes. */
  readonly except?: string | undefined;
}

/**
 * The files that arguments name, one at a time: a file itself, every file below a folder (in the order of their
 * names, hidden ones
 * left out, links to folders not followed), and every line of a list. Nothing is held but one folder's names at each
 * depth.
 */
export async function* inputFiles({
  paths,
  list,
  except,
}: InputFiles): AsyncGenerator<string, void, undefined> {
  const own = except === undefined ? undefined : resolve(except);
  for (const path of paths) {
    const folder = await isFolder(path);
    for await (const file of folder ? filesBelow(path) : [path]) if (resolve(file) !== own) yield file;
  }
  if (list === undefined) return;
  const lines =
    list === '-'
      ? createInterface({ input: process.stdin })
      : (await open(list)).readLines({ encoding: 'utf8' });
  for await (const line of lines) if (line.trim() !== '') yield line.trim();
}

async function* filesBelow(path: string): AsyncGenerator<string, void, undefined> {
  const found: { readonly name: string; readonly folder: boolean }[] = [];
  for await (const entry of await opendir(path)) {
    const { name } = entry;
    if (name.startsWith('.')) continue;
    if (entry.isSymbolicLink() && (await isFolder(join(path, name)))) continue;
    found.push({ name, folder: entry.isDirectory() });
  }
  found.sort((one, other) => (one.name < other.name ? -1 : 1));
  for (const { name, folder } of found) {
    if (folder) yield* filesBelow(join(path, name));
    else yield join(path, name);
  }
}

/** Whether one argument is a folder: then it is an archive, however many files there are. What is not there is none. */
export async function isFolder(path: string): Promise<boolean> {
  if (path === '-') return false;
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** How many files there are; a second walk beside the first. Standard input cannot be read twice. */
export async function countFiles(files: InputFiles): Promise<number> {
  if (files.list === '-') throw new Error('standard input is read once');
  let count = 0;
  for await (const _file of inputFiles(files)) count += 1;
  return count;
}
