import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { JitsuinError } from '../../core/errors.ts';

const LARGEST = 262_144;
const DEPTH = 3;
/**
 * Never opened here: with any close of a file POSIX takes away every lock that the process has on it, also SQLite's. The next
 * process would then cut the index of the write-ahead log under the feet of this one (SIGBUS).
 */
const DATABASE = /\.sqlite3(?:-wal|-shm|-journal)?$/;

/**
 * An sp refuses to start when a platform operator's private key lies in its data folder: a keystore of the pf, or a
 * private JWK for ECDH-ES, whatever its file is called.
 * @throws JitsuinError `config.role-key`
 */
export async function refusePfKeys(folder: string): Promise<void> {
  await search(folder, DEPTH);
}

async function search(folder: string, depth: number): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth > 0) await search(path, depth - 1);
    if (!entry.isFile() || DATABASE.test(entry.name)) continue;
    if ((await stat(path)).size <= LARGEST && holdsPfKey(await readFile(path, 'utf8'))) {
      const message =
        'A private key of a platform operator lies in the data folder of an sp. Remove it from this machine.';
      throw new JitsuinError('config.role-key', message, { at: path });
    }
  }
}

function holdsPfKey(text: string): boolean {
  if (!text.trimStart().startsWith('{')) return false;
  try {
    return isPfKey(JSON.parse(text), 4);
  } catch {
    return false;
  }
}

function isPfKey(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null || depth === 0) return false;
  const members = new Map(Object.entries(value));
  if (members.get('format') === 'jitsuin-pf-keystore') return true;
  const forAgreement = members.get('use') === 'enc' || String(members.get('alg')).startsWith('ECDH-ES');
  if (forAgreement && members.has('d')) return true;
  return [...members.values()].some((member) => isPfKey(member, depth - 1));
}
