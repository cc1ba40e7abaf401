import { open } from 'node:fs/promises';
import { JitsuinError } from '../../core/errors.ts';

const LONGEST = 4096;

/**
 * Client secret (RFC 6749 section 2.3.1) from a file of mode 600: one line of printable ASCII.
 * @throws JitsuinError `config.key-mode`, `config.invalid`
 */
export async function readClientSecret(path: string): Promise<string> {
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw new JitsuinError('config.invalid', 'The client secret file cannot be opened.', { at: path, cause });
  });
  try {
    const stat = await handle.stat();
    if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
      const message = `The client secret file can be read by others. Run: chmod 600 ${path}`;
      throw new JitsuinError('config.key-mode', message, { at: path });
    }
    const secret = stat.size > LONGEST ? '' : (await handle.readFile('utf8')).trim();
    if (/^[\x21-\x7e]+$/.test(secret)) return secret;
    throw new JitsuinError('config.invalid', 'The client secret file does not hold one line of text.', {
      at: path,
    });
  } finally {
    await handle.close();
  }
}
