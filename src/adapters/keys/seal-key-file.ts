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
import { toBase64Url } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';

const BASE64URL = /^[A-Za-z0-9_-]+$/;
const named = {
  id: z.string().regex(/^[a-zA-Z0-9._-]{1,64}$/),
  created_at: z.string(),
};
/** base64url of 32 random octets. */
const clearKeySchema = z.strictObject({ ...named, secret: z.string().length(43).regex(BASE64URL) });
const wrappedKeySchema = z.strictObject({
  ...named,
  /** Id of the KMS's key that wrapped it. */
  kms_key: z.string().min(1).max(2048),
  /** base64url of what the KMS gave. */
  wrapped: z.string().min(1).max(65_536).regex(BASE64URL),
  /** base64url of the key check value: 16 octets that tell this key from another and nothing about it. */
  check: z.string().length(22).regex(BASE64URL),
});
const keyFileSchema = z.strictObject({
  format: z.literal('jitsuin-seal-keys-1'),
  /** Id of the key that seals. */
  active: z.string(),
  keys: z.array(z.union([clearKeySchema, wrappedKeySchema])).min(1),
});

export type ClearSealKey = z.infer<typeof clearKeySchema>;
export type WrappedSealKey = z.infer<typeof wrappedKeySchema>;
export type SealKey = ClearSealKey | WrappedSealKey;

export interface SealKeyFile {
  readonly active: string;
  readonly keys: readonly SealKey[];
}

export function isWrapped(key: SealKey): key is WrappedSealKey {
  return 'wrapped' in key;
}

/** A key in clear, made of 32 random octets. */
export function newSealKey(now: Date): ClearSealKey {
  const id = `seal-${now.toISOString().slice(0, 10)}-${randomBytes(4).toString('hex')}`;
  return { id, secret: toBase64Url(randomBytes(32)), created_at: now.toISOString() };
}

/** Tells this state of the file from another; undefined while there is none. */
export function sealKeyFileStamp(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
}

/** @throws JitsuinError `config.invalid` (missing, malformed, or readable by group or others) */
export function readSealKeyFile(file: string): SealKeyFile {
  const parsed = keyFileSchema.safeParse(parseJson(readPrivateFile(file)));
  if (!parsed.success) throw invalidSealKeyFile(file, 'is not a seal key file');
  const { active, keys } = parsed.data;
  const ids = new Set(keys.map((key) => key.id));
  if (ids.size !== keys.length || !ids.has(active)) {
    throw invalidSealKeyFile(file, 'names a key twice or not at all');
  }
  return { active, keys };
}

/** Mode 0600; never over another file. @throws JitsuinError `config.invalid` */
export function createSealKeyFile(file: string, { active, keys }: SealKeyFile): void {
  const content = { format: 'jitsuin-seal-keys-1', active, keys };
  try {
    writeFileSync(file, `${JSON.stringify(content, undefined, 2)}\n`, {
      mode: 0o600,
      flag: 'wx',
      flush: true,
    });
  } catch (thrown) {
    const exists = thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST';
    throw invalidSealKeyFile(file, exists ? 'is there already; rotate it instead' : 'cannot be written');
  }
}

/** Writes beside and renames: a crash leaves the old file or the new one, never half of one. */
export function replaceSealKeyFile(file: string, content: SealKeyFile): void {
  const beside = `${file}.new`;
  rmSync(beside, { force: true });
  createSealKeyFile(beside, content);
  renameSync(beside, file);
}

export function invalidSealKeyFile(file: string, what: string): JitsuinError {
  return new JitsuinError('config.invalid', `The seal key file ${what}.`, { at: file });
}

/** Refuses a file that others may read, checked on the very file that is then read. */
function readPrivateFile(file: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    throw invalidSealKeyFile(file, 'cannot be read');
  }
  try {
    const loose = process.platform !== 'win32' && (fstatSync(descriptor).mode & 0o077) !== 0;
    if (loose) throw invalidSealKeyFile(file, 'may be read by group or others: chmod 600');
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
