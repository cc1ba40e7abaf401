import { constants, type FileHandle, open, rename, rm } from 'node:fs/promises';
import { JitsuinError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject, parseStrictJson } from '../../core/json/strict-json.ts';

/** Octets of the largest key file that is read. */
const MAX_KEY_FILE = 262_144;

/**
 * JSON object in a file that only its owner can read. The file is opened once; what was checked is what is read.
 * @throws JitsuinError `config.key-mode` when group or others have any right to it (the message says the command that
 *   repairs it), `config.invalid` when it is missing, no regular file, or no JSON object
 */
export async function readKeyFile(path: string): Promise<JsonObject> {
  const handle = await openKeyFile(path);
  try {
    const stat = await handle.stat();
    if (!stat.isFile() || stat.size > MAX_KEY_FILE)
      throw invalid(path, 'The key file is not a small regular file.');
    if (!isPrivate(stat.mode)) {
      const message = `The key file can be read by others. Run: chmod 600 ${path}`;
      throw new JitsuinError('config.key-mode', message, { at: path });
    }
    const content = parseStrictJson(await handle.readFile('utf8'));
    if (!isJsonObject(content)) throw invalid(path, 'The key file is not a JSON object.');
    return content;
  } finally {
    await handle.close();
  }
}

/**
 * Writes a new key file, readable by its owner only (mode 600). An existing file is never overwritten.
 * @throws JitsuinError `config.invalid` when the file exists or cannot be written
 */
export async function writeKeyFile(path: string, content: unknown): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  } catch (cause) {
    throw invalid(path, 'The key file exists already, or cannot be written.', cause);
  }
  try {
    await handle.writeFile(`${JSON.stringify(content, undefined, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Puts new content in the place of an existing key file, mode 600: written beside and renamed, so that a crash
 * leaves the old file or the new one whole.
 * @throws JitsuinError `config.invalid` when it cannot be written
 */
export async function replaceKeyFile(path: string, content: unknown): Promise<void> {
  const beside = `${path}.new`;
  await rm(beside, { force: true });
  await writeKeyFile(beside, content);
  await rename(beside, path);
}

/** Windows has no such modes: there the access control list of the folder is the operator's to set. */
function isPrivate(mode: number): boolean {
  return process.platform === 'win32' || (mode & 0o077) === 0;
}

async function openKeyFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    throw invalid(path, 'The key file cannot be opened.', cause);
  }
}

function invalid(at: string, message: string, cause?: unknown): JitsuinError {
  return new JitsuinError('config.invalid', message, cause === undefined ? { at } : { at, cause });
}
