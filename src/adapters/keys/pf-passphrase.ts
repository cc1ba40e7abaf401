import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { toBase64Url } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import { readSecretLine } from './secret-line.ts';

/**
 * The passphrase of the keystore: the first line of a file that only its owner can read.
 * @throws JitsuinError `config.key-mode`, `config.invalid`
 */
export function readPassphraseFile(path: string): Promise<string> {
  return readSecretLine(path, 'passphrase file');
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
