import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readOctets } from './document-arguments.ts';

/**
 * The files that arguments name, one at a time: a file itself, every file below a folder (in the order of their
 * names, hidden ones left out), and every line of a list. Nothing is held but one folder's names at each depth.
 */
export async function* inputFiles(
  paths: readonly string[],
  list?: string,
): AsyncGenerator<string, void, undefined> {
  for (const path of paths) yield* filesAt(path);
  if (list === undefined) return;
  const lines = Buffer.from(await readOctets(list))
    .toString('utf8')
    .split('\n');
  for (const line of lines) if (line.trim() !== '') yield line.trim();
}

async function* filesAt(path: string): AsyncGenerator<string, void, undefined> {
  if (!(await stat(path)).isDirectory()) {
    yield path;
    return;
  }
  const names: string[] = [];
  for await (const { name } of await opendir(path)) if (!name.startsWith('.')) names.push(name);
  for (const name of names.sort()) yield* filesAt(join(path, name));
}

/** Whether one argument is a folder: then it is an archive, however many files there are. */
export async function isFolder(path: string): Promise<boolean> {
  return path !== '-' && (await stat(path).then((found) => found.isDirectory())) === true;
}
