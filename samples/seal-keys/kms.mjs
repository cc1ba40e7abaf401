/**
 * Keys for data at rest, wrapped by a key management service: JITSUIN_SEAL_KMS_MODULE names this file.
 * Speaks the JSON of AWS KMS `Encrypt` and `Decrypt` with a bearer token, as a signing proxy beside the process offers it.
 *
 *   JITSUIN_KMS_URL           where it is asked
 *   JITSUIN_KMS_TOKEN_FILE    file with the bearer token
 *   JITSUIN_KMS_SEAL_KEY_ID   the KMS's symmetric key that wraps new keys
 */
import { readFile } from 'node:fs/promises';

const TIMEOUT_MILLIS = 3_000;

export async function openKeyWrapper() {
  const url = needed('JITSUIN_KMS_URL');
  const wrapKeyId = needed('JITSUIN_KMS_SEAL_KEY_ID');
  const token = (await readFile(needed('JITSUIN_KMS_TOKEN_FILE'), 'utf8')).trim();
  return {
    async wrap(key, context) {
      const { KeyId, CiphertextBlob } = await ask({ url, token }, 'Encrypt', {
        KeyId: wrapKeyId,
        Plaintext: Buffer.from(key).toString('base64'),
        EncryptionContext: { purpose: context },
      });
      return { keyId: KeyId, wrapped: new Uint8Array(Buffer.from(CiphertextBlob, 'base64')) };
    },
    async unwrap({ keyId, wrapped }, context) {
      const { Plaintext } = await ask({ url, token }, 'Decrypt', {
        KeyId: keyId,
        CiphertextBlob: Buffer.from(wrapped).toString('base64'),
        EncryptionContext: { purpose: context },
      });
      return new Uint8Array(Buffer.from(Plaintext, 'base64'));
    },
  };
}

/** Any failure is thrown: the process then says `key.unavailable` and does not start. */
async function ask({ url, token }, operation, body) {
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MILLIS),
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `TrentService.${operation}`,
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`The KMS answered ${response.status}.`);
  return response.json();
}

function needed(name) {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set.`);
  return value;
}
