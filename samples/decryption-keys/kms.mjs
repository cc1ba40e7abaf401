/**
 * Decryption keys of a platform operator in a key management service: JITSUIN_PF_KEYS_MODULE names this file.
 * Speaks the JSON of AWS KMS `DeriveSharedSecret` with a bearer token, as a signing proxy beside the process offers it.
 *
 *   JITSUIN_KMS_URL          where it is asked
 *   JITSUIN_KMS_TOKEN_FILE   file with the bearer token
 *   JITSUIN_KMS_KEYS_FILE    JSON list of {kid, service, environment, state, key_id}; read anew when it changes
 */
import { readFile, stat } from 'node:fs/promises';

/** SubjectPublicKeyInfo of P-256 up to the point (RFC 5480 section 2). */
const P256_SPKI_HEAD = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex');
const TIMEOUT_MILLIS = 3_000;

/** @param {{ environment: 'test' | 'production' }} options */
export async function openDecryptionKeys({ environment }) {
  const url = needed('JITSUIN_KMS_URL');
  const token = (await readFile(needed('JITSUIN_KMS_TOKEN_FILE'), 'utf8')).trim();
  const list = keyList(needed('JITSUIN_KMS_KEYS_FILE'));
  await list();
  const keysOf = async (service, asked) =>
    (await list())
      .filter((key) => key.environment === environment && key.environment === asked)
      .filter((key) => key.service === service)
      .map(({ key_id, ...key }) => ({
        ...key,
        deriveSharedSecret: (point) => deriveSharedSecret({ url, token }, key_id, point),
      }));
  return {
    find: async (service, asked, kid) => (await keysOf(service, asked)).find((key) => key.kid === kid),
    usable: async (service, asked) =>
      (await keysOf(service, asked))
        .filter(({ state }) => state !== 'expired')
        .sort((a, b) => Number(b.state === 'active') - Number(a.state === 'active')),
  };
}

/** Any failure is thrown: pf then tries the verification again later and says nothing of it to the sp. */
async function deriveSharedSecret({ url, token }, keyId, point) {
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MILLIS),
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'TrentService.DeriveSharedSecret',
    },
    body: JSON.stringify({
      KeyId: keyId,
      KeyAgreementAlgorithm: 'ECDH',
      PublicKey: Buffer.concat([P256_SPKI_HEAD, point]).toString('base64'),
    }),
  });
  if (!response.ok) throw new Error(`The KMS answered ${response.status}.`);
  const { SharedSecret } = await response.json();
  return new Uint8Array(Buffer.from(SharedSecret, 'base64'));
}

/** The list as it stands now, so that a rotation needs no restart. */
function keyList(file) {
  let seen = '';
  let keys = [];
  return async () => {
    const { mtimeNs, size } = await stat(file, { bigint: true });
    const now = `${mtimeNs} ${size}`;
    if (now !== seen) keys = JSON.parse(await readFile(file, 'utf8'));
    seen = now;
    return keys;
  };
}

function needed(name) {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set.`);
  return value;
}
