import { MAINTENANCE, OPERATOR, REFRESH, TEMPORARY, type UpstreamErrorRow } from './row.ts';

const parameterError = {
  endpoint: 'start',
  status: 400,
  error: 'invalid_request',
  errorDescription: 'パラメータエラー。',
  ...OPERATOR,
} as const;

/** 署名トランザクション開始エンドポイント, 13 rows; the only endpoint with `item` (guideline, 補足資料). */
export const START_ROWS: readonly UpstreamErrorRow[] = [
  {
    id: 'start-1',
    ...parameterError,
    item: 'クライアントIDが設定されていません。',
    messageEn: 'The client ID is missing.',
  },
  {
    id: 'start-2',
    ...parameterError,
    item: 'クライアントIDの桁数が不正です。',
    messageEn: 'The client ID has a wrong length.',
  },
  {
    id: 'start-3',
    ...parameterError,
    item: '署名対象データ名が設定されていません。',
    messageEn: '署名対象データ名 (the display name) is missing.',
  },
  {
    id: 'start-4',
    ...parameterError,
    item: '署名対象データ名の桁数が不正です。',
    messageEn: '署名対象データ名 (the display name) has a wrong length.',
  },
  {
    id: 'start-5',
    ...parameterError,
    item: '署名対象識別コードが設定されていません。',
    messageEn: '署名対象識別コード (the identification code) is missing.',
  },
  {
    id: 'start-6',
    ...parameterError,
    item: '署名対象識別コードの桁数が不正です。',
    messageEn: '署名対象識別コード (the identification code) has a wrong length.',
  },
  {
    id: 'start-7',
    ...parameterError,
    item: '署名対象ハッシュ値が設定されていません。',
    messageEn: '署名対象ハッシュ値 (data) is missing.',
  },
  {
    id: 'start-8',
    ...parameterError,
    item: '署名対象ハッシュ値がエンコードされていません。',
    messageEn: '署名対象ハッシュ値 (data) is not base64.',
  },
  {
    id: 'start-9',
    endpoint: 'start',
    status: 400,
    error: 'invalid_request',
    errorDescription: 'クライアントIDが不正です。',
    ...OPERATOR,
    messageEn: 'The client ID is wrong.',
  },
  {
    id: 'start-10',
    endpoint: 'start',
    status: 401,
    error: 'invalid_grant',
    item: '権限がありません。',
    ...OPERATOR,
    messageEn: 'The access token lacks the scope that starting a sign transaction needs.',
  },
  {
    id: 'start-11',
    endpoint: 'start',
    status: 401,
    error: 'invalid_token',
    errorDescription: 'Token verification failed',
    ...REFRESH,
    next: 'renew-client-token',
    messageEn: 'The client-credentials access token is not valid.',
  },
  {
    id: 'start-12',
    endpoint: 'start',
    status: 500,
    error: 'system_error',
    ...TEMPORARY,
    messageEn: 'An unexpected error at the start endpoint.',
  },
  {
    id: 'start-13',
    endpoint: 'start',
    status: 503,
    error: 'service_temporarily_unavailable',
    errorDescription: 'Service Temporarily Unavailable',
    ...MAINTENANCE,
    messageEn: 'The service is under maintenance.',
  },
];
