/**
 * Seal keys of a platform operator, wrapped in its PKCS#11 token: JITSUIN_SEAL_KMS_MODULE names this file. Speaks to the
 * token of the JITSUIN_PKCS11_… settings, with AES-256-GCM; the wrapping key is made there at the first wrapping.
 */
import { createToken } from '../../dist/src/adapters/keys/pf-pkcs11/token.js';
import { tokenKeyWrapper } from '../../dist/src/adapters/keys/pf-pkcs11/token-key-wrapper.js';
import { pkcs11Config } from '../../dist/src/config/pkcs11.js';

export async function openKeyWrapper() {
  const config = pkcs11Config(process.env);
  if (config === undefined) throw new Error('JITSUIN_PKCS11_MODULE is not set.');
  return tokenKeyWrapper(createToken(config));
}
