import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { JitsuinError } from '../../../core/errors.ts';
import { readKeyFile, replaceKeyFile } from '../key-file.ts';
import { pfKeyRecordSchema, withKeystoreLock } from '../pf-keystore-file.ts';

const id = z.string().regex(/^([0-9a-f]{2}){1,64}$/);

/** A decryption key: what the keystore file has of one, with the token's CKA_ID in the place of the private part. */
const agreementKeySchema = pfKeyRecordSchema.omit({ sealed: true }).extend({ id });
const signatureKeySchema = z.strictObject({
  kid: z.string().min(1).max(255),
  id,
  x: z.string().length(43),
  y: z.string().length(43),
  createdAt: z.number().int(),
});
const fileSchema = z.strictObject({
  format: z.literal('jitsuin-pkcs11-keys'),
  version: z.literal(1),
  keys: z.array(agreementKeySchema),
  /** Keys of receipts and records: the active one signs, the others are still published. */
  receipts: z
    .strictObject({ active: z.string(), keys: z.array(signatureKeySchema).min(1).max(8) })
    .optional(),
});

export type AgreementKeyRecord = z.infer<typeof agreementKeySchema>;
export type SignatureKeyRecord = z.infer<typeof signatureKeySchema>;
export type TokenKeyList = z.infer<typeof fileSchema>;

const EMPTY: TokenKeyList = { format: 'jitsuin-pkcs11-keys', version: 1, keys: [] };

/**
 * Which keys of the token are whose, and in which state: the token keeps the private parts, this file (mode 600, no
 * secret in it) the rest. Read anew when it was replaced: a rotation needs no restart.
 */
export class KeyListFile {
  readonly #path: string;
  #seen = '';
  #list = EMPTY;

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws JitsuinError `config.invalid`, `config.key-mode`; no file is an empty list */
  async read(): Promise<TokenKeyList> {
    const found = await stat(this.#path, { bigint: true }).catch(() => undefined);
    const seen = found === undefined ? '' : `${found.ino} ${found.mtimeNs} ${found.size}`;
    if (seen === this.#seen) return this.#list;
    const parsed =
      seen === ''
        ? { success: true as const, data: EMPTY }
        : fileSchema.safeParse(await readKeyFile(this.#path));
    if (!parsed.success) {
      const message = 'Not a list of the keys in a PKCS#11 token, version 1.';
      throw new JitsuinError('config.invalid', message, { at: this.#path });
    }
    this.#list = parsed.data;
    this.#seen = seen;
    return this.#list;
  }

  /** Changes the list while no other process does. @throws JitsuinError `store.conflict`, as `read` */
  async change<T>(step: (list: TokenKeyList) => Promise<readonly [TokenKeyList, T]>): Promise<T> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    return withKeystoreLock(this.#path, async () => {
      const [next, result] = await step(await this.read());
      await replaceKeyFile(this.#path, next);
      return result;
    });
  }
}
