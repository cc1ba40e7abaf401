import { open } from 'node:fs/promises';
import { JitsuinError } from '../../core/errors.ts';

const MAX_OCTETS = 4096;

/**
 * A passphrase or PIN: the first line of a file that only its owner can read.
 * @param what the file's name in the message
 * @throws JitsuinError `config.key-mode`, `config.invalid`
 */
export async function readSecretLine(path: string, what: string): Promise<string> {
  const at = path;
  const handle = await open(path, 'r').catch(() => {
    throw new JitsuinError('config.invalid', `The ${what} cannot be opened.`, { at });
  });
  try {
    const { mode, size } = await handle.stat();
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      const message = `The ${what} can be read by others. Run: chmod 600 ${path}`;
      throw new JitsuinError('config.key-mode', message, { at });
    }
    if (size > MAX_OCTETS) throw new JitsuinError('config.invalid', `The ${what} is too large.`, { at });
    const [line = ''] = (await handle.readFile('utf8')).split(/\r?\n/);
    if (line !== '') return line;
    throw new JitsuinError('config.invalid', `The first line of the ${what} is empty.`, { at });
  } finally {
    await handle.close();
  }
}
