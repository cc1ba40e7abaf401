import { constants } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { JitsuinError } from '../../core/errors.ts';
import { LOOKED_AT, privateKeyForm } from './private-key-forms.ts';

/**
 * Never opened here: with any close of a file POSIX takes away every lock that the process has on it, also
 * SQLite's. The next process would then cut the index of the write-ahead log under the feet of this one (SIGBUS).
 */
const OWN_DATABASE = /^sp\.sqlite3(?:-wal|-shm|-journal)?$/;
/** More than a data folder of an sp ever holds; a search that never ends would be a start that never ends. */
const MOST_ENTRIES = 20_000;

/** Where an sp must hold no key but its own that sign. */
interface KeyPaths {
  /** Searched to any depth, through links. */
  readonly dataDir: string;
  /** Its key files: what lies directly beside them is looked at too. */
  readonly keyFiles: readonly string[];
}

/** The places of a configuration. */
export function keyPaths(config: {
  readonly dataDir: string;
  readonly clientKeyFile: string;
  readonly pfClientKeyFile: string;
  readonly sealKeyFile: string;
  readonly subjectKeyFile: string;
}): KeyPaths {
  const { dataDir, clientKeyFile, pfClientKeyFile, sealKeyFile, subjectKeyFile } = config;
  return { dataDir, keyFiles: [clientKeyFile, pfClientKeyFile, sealKeyFile, subjectKeyFile] };
}

interface Search {
  /** The folder of the database that this process may have open. */
  readonly databaseIn: string;
  /** Real paths that were met: links may go in circles. */
  readonly met: Set<string>;
}

/**
 * An sp refuses to start when a private key other than its own signing keys lies in its data folder or beside its
 * key files, in any form that can be told (`privateKeyForm`), whatever its file is called.
 * @throws JitsuinError `config.role-key`, with the file; `config.invalid` when there is more than can be searched
 */
export async function refusePfKeys({ dataDir, keyFiles }: KeyPaths): Promise<void> {
  const search: Search = { databaseIn: dataDir, met: new Set() };
  await searchFolder(dataDir, 'deeper', search);
  const folders = new Set(keyFiles.map((file) => dirname(file)));
  for (const folder of folders) await searchFolder(folder, 'here', search);
}

async function searchFolder(top: string, depth: 'deeper' | 'here', search: Search): Promise<void> {
  const waiting = [top];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const name of await namesIn(folder, search)) {
      const path = join(folder, name);
      const kind = await kindOf(path);
      if (kind === 'folder' && depth === 'deeper') waiting.push(path);
      if (kind === 'file') await searchFile(path, search);
    }
  }
}

async function namesIn(folder: string, search: Search): Promise<readonly string[]> {
  const real = await orNothing(() => realpath(folder));
  if (real === undefined || search.met.has(real)) return [];
  search.met.add(real);
  return (await orNothing(() => readdir(folder))) ?? [];
}

async function kindOf(path: string): Promise<'folder' | 'file' | undefined> {
  const found = await orNothing(() => stat(path));
  if (found === undefined) return undefined;
  return found.isDirectory() ? 'folder' : found.isFile() ? 'file' : undefined;
}

async function searchFile(path: string, search: Search): Promise<void> {
  const real = await orNothing(() => realpath(path));
  if (real === undefined || search.met.has(real) || isDatabase(path, search)) return;
  search.met.add(real);
  if (search.met.size > MOST_ENTRIES) {
    const message =
      `More than ${MOST_ENTRIES} files lie in the folders of an sp's data and keys; keep nothing ` +
      'else there.';
    throw new JitsuinError('config.invalid', message, { at: dirname(path) });
  }
  const octets = await orNothing(() => startOf(path));
  const form = octets === undefined ? undefined : privateKeyForm(octets);
  if (form === undefined) return;
  const message =
    `A private key (${form}) that is none of an sp's own signing keys lies where an sp keeps its ` +
    "data or keys. A platform operator's key may not be on this machine; any other key belongs " +
    'into another folder.';
  throw new JitsuinError('config.role-key', message, { at: path });
}

function isDatabase(path: string, { databaseIn }: Search): boolean {
  return dirname(path) === join(databaseIn) && OWN_DATABASE.test(basename(path));
}

async function startOf(path: string): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LOOKED_AT), 0, LOOKED_AT, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file?.close();
  }
}

/** What this process may not read, or what is gone meanwhile, is no key that it could use. */
async function orNothing<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch {
    return undefined;
  }
}
