import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { fromBase64, toBase64 } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import { type Fitting, fits, object, oneOf, text } from '../../core/json/shape.ts';
import type { NoteSigner } from '../../core/transparency/signed-note.ts';
import { readKeyFile, writeKeyFile } from '../keys/key-file.ts';

const FILE = object({
  format: text(/^jitsuin-tlog-key\/1$/),
  type: oneOf('log', 'witness'),
  name: text(/^[^\s+\p{Cc}]{1,255}$/u),
  /** Ed25519, PKCS #8 in base64. */
  private_key: text(/^[A-Za-z0-9+/=]{60,100}$/),
  /** HMAC key of the nonces that blind a log's leaves, base64. */
  blind_key: text(/^[A-Za-z0-9+/]{43}=$/),
});
type KeyFile = Fitting<typeof FILE>;

interface TlogKey {
  readonly signer: NoteSigner;
  readonly blindKey: Uint8Array;
}

/** @throws JitsuinError `config.invalid`, `config.key-mode` */
export async function readTlogKey(path: string, type: NoteSigner['type']): Promise<TlogKey> {
  const content: unknown = await readKeyFile(path);
  if (!fits(FILE, content) || content.type !== type) {
    const message = `Not a key file of a ${type}. Make one: jitsuin log keygen`;
    throw new JitsuinError('config.invalid', message, { at: path });
  }
  return {
    signer: { name: content.name, type, privateKey: keyOf(content, path) },
    blindKey: fromBase64(content.blind_key),
  };
}

/** Makes a key file (mode 600); never writes over one. */
export async function createTlogKey(
  path: string,
  name: string,
  type: NoteSigner['type'],
): Promise<NoteSigner> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const octets = privateKey.export({ format: 'der', type: 'pkcs8' });
  const content: KeyFile = {
    format: 'jitsuin-tlog-key/1',
    type,
    name,
    private_key: toBase64(octets),
    blind_key: toBase64(randomBytes(32)),
  };
  if (!fits(FILE, content)) {
    const message = 'A name of a log or witness has 1 to 255 characters, none of them blank or "+".';
    throw new JitsuinError('config.invalid', message, { at: '--name' });
  }
  await writeKeyFile(path, content);
  return { name, type, privateKey };
}

function keyOf({ private_key }: KeyFile, at: string) {
  try {
    const key = createPrivateKey({ key: Buffer.from(private_key, 'base64'), format: 'der', type: 'pkcs8' });
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // falls through to the refusal
  }
  throw new JitsuinError('config.invalid', 'The key of the file is not Ed25519.', { at });
}
