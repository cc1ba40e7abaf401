import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const OTHERS = 0o077;

/**
 * A file for what may hold personal data, certificates or keys: its owner's alone whatever the umask, and also where
 * a file of this name was there before and others may read it. What is no regular file (a pipe, /dev/null) is left
 * as it is.
 * @throws where it cannot be opened, or belongs to somebody else who lets others read it (EPERM): nothing is written
 */
async function opened(path: string, flags: number): Promise<FileHandle> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | flags, 0o600);
  try {
    const found = await file.stat();
    if (found.isFile() && (found.mode & OTHERS) !== 0) await file.chmod(0o600);
    if (found.isFile() && flags !== constants.O_APPEND) await file.truncate();
    return file;
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

/** In place of what the file held. */
export async function writePrivate(path: string, content: Uint8Array | string): Promise<void> {
  const file = await opened(path, 0);
  await file.writeFile(content).finally(() => file.close());
}

/** After what the file holds. */
export async function appendPrivate(path: string, content: string): Promise<void> {
  const file = await opened(path, constants.O_APPEND);
  await file.writeFile(content).finally(() => file.close());
}
