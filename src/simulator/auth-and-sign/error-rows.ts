import { defined } from '../../core/defined.ts';

/** The service's endpoints whose errors the guideline prints. */
type TabledEndpoint = 'authorization' | 'token' | 'userinfo' | 'start' | 'result';

/** One row of the guideline's tables as it goes over the wire; `○○○○` is a place for a value. */
export interface ErrorRow {
  readonly id: string;
  readonly endpoint: TabledEndpoint;
  readonly status: number;
  readonly error: string;
  readonly description?: string;
  readonly item?: string;
}

type Cells = readonly [status: number, error: string, description?: string | undefined, item?: string];

const PARAMETER_ERROR = [400, 'invalid_request', 'パラメータエラー。'] as const;
const MAINTENANCE = [503, 'service_temporarily_unavailable', 'Service Temporarily Unavailable'] as const;

const AUTHORIZATION: readonly Cells[] = [
  [302, 'invalid_request', 'Missing parameter: ○○○○'],
  [302, 'invalid_request', 'Client disabled'],
  [302, 'unsupported_response_type'],
  [
    302,
    'unauthorized_client',
    'Client is not allowed to initiate browser login with given response_type. Implicit flow is ' +
      'disabled for the client.',
  ],
  [302, 'invalid_scope', 'Invalid scopes: ○○○○'],
  [302, 'invalid_request', 'Invalid parameter: ○○○○'],
  [302, 'access_denied', 'Consent rejected by user'],
  [302, 'access_denied', 'Authentication failed'],
];

const TOKEN: readonly Cells[] = [
  [400, 'invalid_client', 'client_assertion parameter missing'],
  [400, 'invalid_client', 'Invalid client credentials'],
  [400, 'invalid_client', 'Parameter client_assertion_type is missing'],
  [400, 'invalid_grant', 'Code not valid'],
  [400, 'invalid_grant', 'Incorrect redirect_uri'],
  [400, 'invalid_grant', 'Invalid refresh token'],
  [400, 'invalid_grant', 'PKCE invalid code verifier'],
  [400, 'invalid_grant', 'Refresh token expired'],
  [400, 'invalid_request', 'Missing parameter: ○○○○'],
  [400, 'invalid_request', 'No refresh token'],
  [400, 'invalid_scope', 'Invalid scopes: ○○○○'],
  [400, 'unauthorized_client', 'Client not allowed for direct access grants'],
  [400, 'unauthorized_client', 'Invalid client credentials'],
  [400, 'unsupported_grant_type', 'Unsupported grant_type'],
  [401, 'invalid_client', 'Invalid client or Invalid client credentials'],
  [500, 'unknown_error'],
  MAINTENANCE,
];

const USERINFO: readonly Cells[] = [
  [400, 'expired_pf_provider_public_key', 'Pf provider public key is expired'],
  [400, 'invalid_pf_provider_public_key', 'Pf provider public key is not registered'],
  [401, 'invalid_token', 'Token verification failed'],
  [500, 'server_error', 'Invalid admin console parameter'],
  [500, 'server_error', 'Internal server error'],
  [500, 'unknown_error'],
  [500, 'encryption_error', 'Certificate encryption error'],
  MAINTENANCE,
];

const START: readonly Cells[] = [
  [...PARAMETER_ERROR, 'クライアントIDが設定されていません。'],
  [...PARAMETER_ERROR, 'クライアントIDの桁数が不正です。'],
  [...PARAMETER_ERROR, '署名対象データ名が設定されていません。'],
  [...PARAMETER_ERROR, '署名対象データ名の桁数が不正です。'],
  [...PARAMETER_ERROR, '署名対象識別コードが設定されていません。'],
  [...PARAMETER_ERROR, '署名対象識別コードの桁数が不正です。'],
  [...PARAMETER_ERROR, '署名対象ハッシュ値が設定されていません。'],
  [...PARAMETER_ERROR, '署名対象ハッシュ値がエンコードされていません。'],
  [400, 'invalid_request', 'クライアントIDが不正です。'],
  // The printed table lost its columns; the sentence is read as the item.
  [401, 'invalid_grant', undefined, '権限がありません。'],
  [401, 'invalid_token', 'Token verification failed'],
  [500, 'system_error'],
  MAINTENANCE,
];

const RESULT: readonly Cells[] = [
  [400, 'expired_sign_transaction'],
  [400, 'invalid_request'],
  [400, 'invalid_certificat'],
  [400, 'expired_certificate'],
  [400, 'revoked_certificate'],
  [400, 'certificate_not_match'],
  [400, 'locked_certificate'],
  [400, 'not_installed_certificate'],
  [400, 'expired_pf_provider_public_key'],
  [400, 'invalid_pf_provider_public_key'],
  [401, 'invalid_grant'],
  [401, 'invalid_token', 'Token verification failed'],
  [500, 'system_error'],
  [500, 'encryption_error', 'Certificate encryption error'],
  MAINTENANCE,
];

/** The guideline's five tables in its order, 61 rows, ids `authorization-1` … `result-15`. */
export const ERROR_ROWS: readonly ErrorRow[] = [
  ...table('authorization', AUTHORIZATION),
  ...table('token', TOKEN),
  ...table('userinfo', USERINFO),
  ...table('start', START),
  ...table('result', RESULT),
];

/** The row of that id; the number may be written with a leading zero. */
export function errorRow(id: string): ErrorRow | undefined {
  const normal = id.replace(/-0+(?=\d)/, '-');
  return ERROR_ROWS.find((row) => row.id === normal);
}

function table(endpoint: TabledEndpoint, rows: readonly Cells[]): readonly ErrorRow[] {
  return rows.map(([status, error, description, item], index) =>
    defined({
      id: `${endpoint}-${index + 1}`,
      endpoint,
      status,
      error,
      description,
      item,
    }),
  );
}
