import { CITIZEN, OPERATOR, type UpstreamErrorRow } from './row.ts';

const at = { endpoint: 'authorization', status: 302 } as const;

/** 認可エンドポイント, 8 rows: query parameters of the redirect to us (guideline, 補足資料). */
export const AUTHORIZATION_ROWS: readonly UpstreamErrorRow[] = [
  {
    id: 'authorization-1',
    ...at,
    error: 'invalid_request',
    errorDescription: 'Missing parameter: ○○○○',
    ...OPERATOR,
    messageEn: 'A required parameter is missing from the authorization request.',
  },
  {
    id: 'authorization-2',
    ...at,
    error: 'invalid_request',
    errorDescription: 'Client disabled',
    ...OPERATOR,
    citizen: {
      ja: 'この手続では現在、マイナンバーカードでの認証と署名のサービスを利用できません。',
      en: 'This procedure cannot use the service for authentication and signing at present.',
    },
    messageEn: 'The client is disabled at the service.',
  },
  {
    id: 'authorization-3',
    ...at,
    error: 'unsupported_response_type',
    ...OPERATOR,
    messageEn: 'The response_type is empty or unknown; only code is supported.',
  },
  {
    id: 'authorization-4',
    ...at,
    error: 'unauthorized_client',
    errorDescription:
      'Client is not allowed to initiate browser login with given response_type. Implicit flow is ' +
      'disabled for the client.',
    ...OPERATOR,
    messageEn: 'The implicit flow was asked for; it is disabled.',
  },
  {
    id: 'authorization-5',
    ...at,
    error: 'invalid_scope',
    errorDescription: 'Invalid scopes: ○○○○',
    ...OPERATOR,
    messageEn: 'The scope holds an unknown value.',
  },
  {
    id: 'authorization-6',
    ...at,
    error: 'invalid_request',
    errorDescription: 'Invalid parameter: ○○○○',
    ...OPERATOR,
    messageEn: 'A required parameter is empty, or a parameter has an unknown value.',
  },
  {
    id: 'authorization-7',
    ...at,
    error: 'access_denied',
    errorDescription: 'Consent rejected by user',
    ...CITIZEN,
    citizen: {
      ja: '連携に同意されなかったため、手続を中止しました。',
      en: 'The procedure ended because the link was not agreed to.',
    },
    messageEn: 'The citizen did not consent to the link.',
    advice: {
      ja: '続けるには、アプリで連携に同意してください。',
      en: 'To go on, agree to the link in the app.',
    },
  },
  {
    id: 'authorization-8',
    ...at,
    error: 'access_denied',
    errorDescription: 'Authentication failed',
    ...CITIZEN,
    citizen: {
      ja: 'マイナンバーカードによる認証手続に失敗しました。',
      en: 'The authentication with the My Number Card failed.',
    },
    messageEn: 'The procedure with the My Number Card failed.',
    advice: {
      ja: 'アプリに表示された内容をご確認ください。',
      en: 'Please check what the app showed.',
    },
  },
];
