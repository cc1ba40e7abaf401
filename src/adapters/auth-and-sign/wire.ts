/**
 * Wire names of デジタル認証アプリサービスAPI that the public documents do not give. Every name here is an ASSUMPTION
 * (facts/auth-and-sign-api.md section 10 lists what is unknown); client and simulator both read this file only, so a
 * correction is one edit. The first name is written, all names are accepted on reading.
 */

/** ASSUMPTION 1: members of the JSON body of `POST /api/sign-transactions`. Only `data` is documented. */
export const START_REQUEST = {
  clientId: ['client_id', 'clientId'],
  displayName: ['name', 'data_name'],
  identificationCode: ['code', 'data_code'],
  data: ['data'],
} as const;

/** ASSUMPTION 1: member of the answer that holds 署名トランザクションID. */
export const START_RESPONSE = {
  signTransactionId: ['sign_transaction_id', 'signTransactionId', 'id'],
} as const;

/** ASSUMPTION 2: members of the private result, one JWE. */
export const ENCRYPTED_RESULT = {
  jwe: ['sign_certificate_jwe', 'jwe', 'result'],
} as const;

/**
 * ASSUMPTION 2: members of the government result and of the decrypted bundle, and `enc`: in core, since `verifier`
 * reads them too.
 */
export { BUNDLE_ENC as JWE_ENC, BUNDLE_MEMBERS as CLEAR_RESULT } from '../../core/jwe/bundle.ts';

/** ASSUMPTION 3: scope of the client-credentials token, and the scope that guards the result. */
export const SCOPE_SIGN = 'sign';

/** ASSUMPTION 1: limits of 署名対象データ名 and 署名対象識別コード (code points), and the code's alphabet. */
export const DISPLAY_NAME_MAX = 100;
export const IDENTIFICATION_CODE_PATTERN: RegExp = /^[0-9A-Z-]{1,20}$/;

/** ASSUMPTION 4: lifetimes that the simulator uses, in seconds. */
export const LIFETIME = {
  accessToken: 900,
  refreshToken: 1800,
  authorizationCode: 60,
  signTransaction: 1800,
  result: 3600,
} as const;

/**
 * Path of the sign transactions on the service's origin (facts 1.1, seen); it does not stand in the discovery
 * document.
 */
export const SIGN_TRANSACTIONS_PATH = '/api/sign-transactions';

/** First value present under any of the accepted names. */
export function readWire(body: Readonly<Record<string, unknown>>, names: readonly string[]): unknown {
  for (const name of names) {
    if (Object.hasOwn(body, name)) return body[name];
  }
  return undefined;
}
