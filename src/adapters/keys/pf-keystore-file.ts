import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { z } from 'zod';
import { fromBase64, toBase64, toUtf8 } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import { normalizedText } from '../../core/normalized-text.ts';

const sealedSchema = z.strictObject({ iv: z.base64(), ciphertext: z.base64(), tag: z.base64() });
type SealedOctets = z.infer<typeof sealedSchema>;

export const pfKeyRecordSchema = z.strictObject({
  kid: z.string().min(1).max(255),
  service: z.string().min(1).max(64),
  environment: z.enum(['test', 'production']),
  state: z.enum(['generated', 'active', 'overlap', 'expired', 'destroyed']),
  x: z.string().length(43),
  y: z.string().length(43),
  createdAt: z.number().int(),
  activatedAt: z.number().int().optional(),
  /** The end of the overlap; after it the key is expired whatever `state` says. */
  overlapUntil: z.number().int().optional(),
  /** The approved change that it was made for. */
  change: z.string().max(64).optional(),
  /** The private scalar, sealed; absent once destroyed. */
  sealed: sealedSchema.optional(),
});
export type PfKeyRecord = z.infer<typeof pfKeyRecordSchema>;

const fileSchema = z.strictObject({
  format: z.literal('jitsuin-pf-keystore'),
  version: z.literal(1),
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    cost: z.number().int().min(16_384).max(1_048_576),
    blockSize: z.literal(8),
    parallelization: z.literal(1),
    salt: z.base64(),
  }),
  /** A known text sealed under the passphrase: tells a wrong passphrase before any key is needed. */
  check: sealedSchema,
  keys: z.array(pfKeyRecordSchema),
});
export type PfKeystoreFile = z.infer<typeof fileSchema>;

const CHECK_TEXT = 'jitsuin pf keystore';
/** OWASP's first choice for scrypt: 128 MiB, about half a second, once in the life of a process. */
export const DEFAULT_SCRYPT_COST = 131_072;

/** A new, empty keystore and the key derived from the passphrase. */
export async function newKeystoreFile(
  passphrase: string,
  cost: number,
): Promise<[PfKeystoreFile, Uint8Array]> {
  if (passphrase.length < 12) {
    throw new JitsuinError('config.invalid', 'The keystore passphrase needs at least 12 characters.');
  }
  const kdf = {
    name: 'scrypt',
    cost,
    blockSize: 8,
    parallelization: 1,
    salt: toBase64(randomBytes(16)),
  } as const;
  const key = await deriveKey(passphrase, kdf);
  const check = sealOctets(key, toUtf8(CHECK_TEXT), 'check');
  return [{ format: 'jitsuin-pf-keystore', version: 1, kdf, check, keys: [] }, key];
}

/** The key of an existing keystore. @throws JitsuinError `seal.integrity` on a wrong passphrase */
export async function unlockKeystoreFile(file: PfKeystoreFile, passphrase: string): Promise<Uint8Array> {
  const key = await deriveKey(passphrase, file.kdf);
  openOctets(key, file.check, 'check');
  return key;
}

function deriveKey(passphrase: string, kdf: PfKeystoreFile['kdf']): Promise<Uint8Array> {
  const options = {
    N: kdf.cost,
    r: kdf.blockSize,
    p: kdf.parallelization,
    maxmem: 256 * kdf.cost * kdf.blockSize,
  };
  return new Promise((resolve, reject) => {
    scrypt(
      normalizedText(passphrase, 'NFC') ?? passphrase,
      fromBase64(kdf.salt),
      32,
      options,
      (error, key) => {
        if (error === null) resolve(key);
        else reject(error);
      },
    );
  });
}

/** AES-256-GCM with a random 96-bit IV; `context` is associated data. */
export function sealOctets(key: Uint8Array, plaintext: Uint8Array, context: string): SealedOctets {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(toUtf8(context));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return { iv: toBase64(iv), ciphertext: toBase64(ciphertext), tag: toBase64(cipher.getAuthTag()) };
}

/** @throws JitsuinError `seal.integrity` when the key is wrong, or the octets or their context were altered */
export function openOctets(key: Uint8Array, sealed: SealedOctets, context: string): Uint8Array {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, fromBase64(sealed.iv), { authTagLength: 16 });
    decipher.setAAD(toUtf8(context)).setAuthTag(fromBase64(sealed.tag));
    return Buffer.concat([decipher.update(fromBase64(sealed.ciphertext)), decipher.final()]);
  } catch {
    throw new JitsuinError(
      'seal.integrity',
      'The keystore does not open: wrong passphrase, or the file was altered.',
      {
        at: context.split('\n')[0] ?? 'keystore',
      },
    );
  }
}

/** Reads and judges the file. Undefined when there is none. @throws JitsuinError `config.key-mode`, `config.invalid` */
export async function readKeystoreFile(path: string): Promise<PfKeystoreFile | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    throw new JitsuinError(
      'config.key-mode',
      'The keystore can be read by group or others; set its mode to 600.',
      {
        at: path,
      },
    );
  }
  const parsed = fileSchema.safeParse(parseJson(await readFile(path, 'utf8')));
  if (!parsed.success)
    throw new JitsuinError('config.invalid', 'Not a keystore of jitsuin, version 1.', { at: path });
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Writes whole or not at all: a new file (mode 600), synced, then renamed over the old one. */
export async function writeKeystoreFile(path: string, file: PfKeystoreFile): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.new`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(file, null, 1)}\n`, 'utf8');
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
}

/** Runs `change` while no other process changes the keystore. @throws JitsuinError `store.conflict` after 5 s */
export async function withKeystoreLock<T>(path: string, change: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  for (let attempt = 0; ; attempt += 1) {
    const handle = await open(lock, 'wx', 0o600).catch(() => undefined);
    if (handle !== undefined) {
      await handle.close();
      break;
    }
    if (attempt === 100) {
      throw new JitsuinError(
        'store.conflict',
        `Another process changes the keystore. If none does, remove ${lock}.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  try {
    return await change();
  } finally {
    await rm(lock, { force: true });
  }
}
