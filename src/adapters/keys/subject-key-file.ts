import { createHmac, randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { fromBase64Url, toBase64Url } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';

const KEY_OCTETS = 32;

/**
 * The keyed hash (HMAC-SHA-256, hex) of `sub` under the key in a file of mode 0600: base64url of 32 octets. Whoever
 * holds the database alone can neither read nor try out a `sub`.
 * @throws JitsuinError `config.invalid`, `config.key-mode`
 */
export function openSubjectHash(file: string): (subject: string) => string {
  const key = readKey(file);
  return (subject) => createHmac('sha256', key).update(subject, 'utf8').digest('hex');
}

/** Makes the key file where there is none; several starters at once end with one key. */
export function ensureSubjectKey(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const beside = `${file}.${randomBytes(6).toString('hex')}`;
  writeFileSync(beside, `${toBase64Url(randomBytes(KEY_OCTETS))}\n`, {
    mode: 0o600,
    flag: 'wx',
    flush: true,
  });
  try {
    linkSync(beside, file);
  } catch (thrown) {
    const exists = thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST';
    if (!exists) throw invalid(file, 'cannot be written', thrown);
  } finally {
    rmSync(beside, { force: true });
  }
}

function readKey(file: string): Uint8Array {
  const text = readPrivateText(file).trim();
  try {
    const key = fromBase64Url(text);
    if (key.length === KEY_OCTETS) return key;
  } catch {
    // falls through to the refusal, which names the file and not its content
  }
  throw invalid(file, 'is not base64url of 32 octets');
}

/** What was checked is what is read: one descriptor. */
function readPrivateText(file: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (thrown) {
    throw invalid(file, 'cannot be read', thrown);
  }
  try {
    if (process.platform !== 'win32' && (fstatSync(descriptor).mode & 0o077) !== 0) {
      throw new JitsuinError(
        'config.key-mode',
        `The subject key file can be read by others. Run: chmod 600 ${file}`,
        {
          at: file,
        },
      );
    }
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

function invalid(file: string, what: string, cause?: unknown): JitsuinError {
  return new JitsuinError('config.invalid', `The subject key file ${what}.`, { at: file, cause });
}
