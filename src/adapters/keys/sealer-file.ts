import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { z } from 'zod';
import { fromBase64Url, toBase64Url } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { Sealer } from '../../ports/sealer.ts';
import { openOctets, sealedKeyId, sealOctets } from './sealed-octets.ts';

const keyFileSchema = z.strictObject({
  format: z.literal('jitsuin-seal-keys-1'),
  /** Id of the key that seals. */
  active: z.string(),
  keys: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[a-zA-Z0-9._-]{1,64}$/),
        /** base64url of 32 random octets. */
        secret: z.string().length(43),
        created_at: z.string(),
      }),
    )
    .min(1),
});
type KeyFile = z.infer<typeof keyFileSchema>;

/** The Sealer over a key file. Several keys open, one seals. */
export interface FileSealer extends Sealer {
  /** Id of the key that seals. */
  readonly activeKey: string;
  /** Ids of all keys that open. */
  readonly keys: readonly string[];
}

/**
 * Reads a key file (made by `createSealKey`), and reads it again when it was replaced: a rotation needs no restart. A file that
 * cannot be read then changes nothing.
 * @throws JitsuinError `config.invalid` (missing, malformed, or readable by group or others)
 */
export function openFileSealer(file: string): FileSealer {
  let ring = readRing(file);
  const current = () => {
    const stamp = stampOf(file);
    if (stamp === undefined || stamp === ring.stamp) return ring;
    try {
      ring = readRing(file);
    } catch {
      // what was good serves on; the next start will say what is wrong
    }
    return ring;
  };
  return {
    get activeKey() {
      return current().active;
    },
    get keys() {
      return [...current().secrets.keys()];
    },
    seal: (plaintext, context) => {
      const { active, secrets } = current();
      return sealOctets(active, secretOf(secrets, active), plaintext, context);
    },
    open: (sealed, context) => {
      const id = sealedKeyId(sealed);
      const secret = ring.secrets.get(id) ?? secretOf(current().secrets, id);
      return openOctets(secret, sealed, context);
    },
  };
}

interface Ring {
  readonly active: string;
  readonly secrets: ReadonlyMap<string, Uint8Array>;
  /** Tells this state of the file from another. */
  readonly stamp: string | undefined;
}

function readRing(file: string): Ring {
  const stamp = stampOf(file);
  const { active, keys } = readKeyFile(file);
  return { active, secrets: secretsOf(keys), stamp };
}

function stampOf(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
}

function secretOf(secrets: ReadonlyMap<string, Uint8Array>, id: string): Uint8Array {
  const secret = secrets.get(id);
  if (secret !== undefined) return secret;
  throw new JitsuinError('key.not-found', `The seal key "${id}" is not in the key file.`, { at: id });
}

function secretsOf(keys: KeyFile['keys']): ReadonlyMap<string, Uint8Array> {
  return new Map(keys.map(({ id, secret }) => [id, fromBase64Url(secret, 'secret')]));
}

/** Makes a key file (mode 0600) with one new active key. Never writes over a file. Returns the key's id. */
export function createSealKey(file: string, now: Date = new Date()): string {
  const key = newKey(now);
  writeKeyFile(file, { format: 'jitsuin-seal-keys-1', active: key.id, keys: [key] }, 'wx');
  return key.id;
}

/** The first step of a rotation: adds a new key and makes it the active one; the others still open. Returns its id. */
export function rotateSealKey(file: string, now: Date = new Date()): string {
  const { keys } = readKeyFile(file);
  const key = newKey(now);
  replaceKeyFile(file, { format: 'jitsuin-seal-keys-1', active: key.id, keys: [...keys, key] });
  return key.id;
}

/**
 * The last step of a rotation: takes a key out of the file.
 * @param rowsNaming how many sealed values still name it (`valuesSealedBy` of the store, summed over all stores)
 * @throws JitsuinError `key.state` while a value names it or it is the active one, `key.not-found`
 */
export async function retireSealKey(
  file: string,
  id: string,
  rowsNaming: (id: string) => Promise<number>,
): Promise<void> {
  const { active, keys } = readKeyFile(file);
  if (!keys.some((key) => key.id === id)) {
    throw new JitsuinError('key.not-found', `The seal key "${id}" is not in the key file.`, { at: id });
  }
  if (id === active)
    throw new JitsuinError('key.state', 'The active seal key cannot be retired.', { at: id });
  const rows = await rowsNaming(id);
  if (rows > 0) {
    throw new JitsuinError('key.state', `${rows} sealed values still name this key: re-seal them first.`, {
      at: id,
    });
  }
  replaceKeyFile(file, { format: 'jitsuin-seal-keys-1', active, keys: keys.filter((key) => key.id !== id) });
}

function newKey(now: Date): KeyFile['keys'][number] {
  const id = `seal-${now.toISOString().slice(0, 10)}-${randomBytes(4).toString('hex')}`;
  return { id, secret: toBase64Url(randomBytes(32)), created_at: now.toISOString() };
}

function readKeyFile(file: string): KeyFile {
  const parsed = keyFileSchema.safeParse(parseJson(readPrivateFile(file)));
  if (!parsed.success) throw invalid(file, 'is not a seal key file');
  const ids = new Set(parsed.data.keys.map((key) => key.id));
  if (ids.size !== parsed.data.keys.length || !ids.has(parsed.data.active)) {
    throw invalid(file, 'names a key twice or not at all');
  }
  return parsed.data;
}

/** Refuses a file that others may read, checked on the very file that is then read. */
function readPrivateFile(file: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    throw invalid(file, 'cannot be read');
  }
  try {
    const loose = process.platform !== 'win32' && (fstatSync(descriptor).mode & 0o077) !== 0;
    if (loose) throw invalid(file, 'may be read by group or others: chmod 600');
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function writeKeyFile(file: string, content: KeyFile, flag: 'wx'): void {
  try {
    writeFileSync(file, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600, flag, flush: true });
  } catch (thrown) {
    const exists = thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST';
    throw invalid(file, exists ? 'is there already; rotate it instead' : 'cannot be written');
  }
}

/** Writes beside and renames: a crash leaves the old file or the new one, never half of one. */
function replaceKeyFile(file: string, content: KeyFile): void {
  const beside = `${file}.new`;
  rmSync(beside, { force: true });
  writeKeyFile(beside, content, 'wx');
  renameSync(beside, file);
}

function invalid(file: string, what: string): JitsuinError {
  return new JitsuinError('config.invalid', `The seal key file ${what}.`, { at: file });
}
