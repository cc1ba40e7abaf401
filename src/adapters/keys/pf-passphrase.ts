import { randomBytes } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { toBase64Url } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';

const MAX_OCTETS = 4096;

/**
 * The passphrase of the keystore: the first line of a file that only its owner can read.
 * @throws JitsuinError `config.key-mode`, `config.invalid`
 */
export async function readPassphraseFile(path: string): Promise<string> {
  const at = path;
  const handle = await open(path, 'r').catch(() => {
    throw new JitsuinError('config.invalid', 'The passphrase file cannot be opened.', { at });
  });
  try {
    const { mode, size } = await handle.stat();
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new JitsuinError(
        'config.key-mode',
        `The passphrase file can be read by others. Run: chmod 600 ${path}`,
        { at },
      );
    }
    if (size > MAX_OCTETS)
      throw new JitsuinError('config.invalid', 'The passphrase file is too large.', { at });
    const [line = ''] = (await handle.readFile('utf8')).split(/\r?\n/);
    if (line === '')
      throw new JitsuinError('config.invalid', 'The first line of the passphrase file is empty.', { at });
    return line;
  } finally {
    await handle.close();
  }
}

/**
 * Makes a passphrase of 256 random bits in a new file (mode 600). False when a file is there already; it stays as
 * it is.
 */
export async function createPassphraseFile(path: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await writeFile(path, `${toBase64Url(randomBytes(32))}\n`, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST') return false;
    throw new JitsuinError('config.invalid', 'The passphrase file cannot be written.', {
      at: path,
      cause: thrown,
    });
  }
}
