import type { ErrorCode } from '../../errors.ts';
import {
  type BilingualText,
  MAINTENANCE,
  OPERATOR,
  REFRESH,
  RESTART,
  TEMPORARY,
  type UpstreamDisposition,
  type UpstreamEndpoint,
  type UpstreamErrorRow,
} from './row.ts';

/**
 * What an answer means that no row of the guideline names: an unknown `error`, an HTML page, an empty body.
 * 503 and 429 wait, other 5xx wait within bounds, 401 at a protected resource is a stale token (RFC 6750 section 3.1
 * allows it without a body), other 4xx and anything that is no error at all are final.
 */
export function fallbackRow(endpoint: UpstreamEndpoint, status: number): UpstreamErrorRow {
  if (endpoint === 'authorization') {
    return {
      ...row(endpoint, status, 'error'),
      ...RESTART,
      code: 'oidc.callback-error',
      messageEn: 'The service ended the authorization with an error that the guideline does not list.',
    };
  }
  if (status === 503) {
    return {
      ...row(endpoint, status, '503'),
      ...MAINTENANCE,
      messageEn: 'The service is unavailable (503).',
    };
  }
  if (status === 429 || status === 408) {
    return {
      ...row(endpoint, status, '429'),
      ...TEMPORARY,
      messageEn: 'The service asks for fewer requests.',
    };
  }
  if (status >= 500) {
    return { ...row(endpoint, status, '5xx'), ...TEMPORARY, messageEn: 'The service failed (5xx).' };
  }
  if (status === 401 && endpoint !== 'token') return unauthorized(endpoint);
  return {
    ...row(endpoint, status, '4xx'),
    ...OPERATOR,
    code: 'upstream.final',
    messageEn: 'The service refused the request for a reason that the guideline does not list.',
  };
}

/** The consequence of a text that no row prints, where the rows of its error differ: what loses least is first. */
const LOSES_LEAST: readonly UpstreamDisposition[] = ['retry', 'refresh', 'restart', 'final'];

/**
 * The fallback of an error that the guideline knows, with a text that it does not print: what the rows of this error
 * have in common, and none of what only one of them says.
 * @param rows all rows of one endpoint, status and `error`
 */
export function errorFallbackRow(rows: readonly UpstreamErrorRow[]): UpstreamErrorRow | undefined {
  const [row] = [...rows].sort(
    (a, b) => LOSES_LEAST.indexOf(a.disposition) - LOSES_LEAST.indexOf(b.disposition),
  );
  if (row === undefined) return undefined;
  const { endpoint, status, error, disposition, actor, code, next } = row;
  return {
    id: errorFallbackId(row),
    endpoint,
    status,
    error,
    disposition,
    actor,
    code,
    next,
    citizen: NEUTRAL[code] ?? row.citizen,
    messageEn: `The service answered "${error}" with a text that the guideline does not print.`,
  };
}

export function errorFallbackId({
  endpoint,
  status,
  error,
}: Pick<UpstreamErrorRow, 'endpoint' | 'status' | 'error'>): string {
  return `${endpoint}-fallback-${status}-${error}`;
}

/** Sentences that hold whatever the unknown text said. */
const NEUTRAL: Readonly<Partial<Record<ErrorCode, BilingualText>>> = {
  'upstream.citizen': {
    ja: 'アプリでの手続が完了しませんでした。',
    en: 'The procedure in the app was not completed.',
  },
  'upstream.operator': OPERATOR.citizen,
  'upstream.restart': { ja: '手続を完了できませんでした。', en: 'The procedure could not be completed.' },
  'upstream.temporary': TEMPORARY.citizen,
  'upstream.refresh': REFRESH.citizen,
};

function unauthorized(endpoint: UpstreamEndpoint): UpstreamErrorRow {
  const next = endpoint === 'start' ? 'renew-client-token' : 'refresh-tokens';
  return {
    ...row(endpoint, 401, '401'),
    ...REFRESH,
    next,
    messageEn: 'The access token was not accepted (401).',
  };
}

function row(endpoint: UpstreamEndpoint, status: number, kind: string) {
  return { id: `${endpoint}-fallback-${kind}`, endpoint, status, error: '' };
}

const STATUSES = [503, 429, 500, 401, 400] as const;

/** The fallback of this id, for example `result-fallback-5xx`, or undefined. */
export function fallbackRowOf(id: string): UpstreamErrorRow | undefined {
  for (const endpoint of ENDPOINTS) {
    for (const status of STATUSES) {
      const candidate = fallbackRow(endpoint, status);
      if (candidate.id === id) return candidate;
    }
  }
  return undefined;
}

const ENDPOINTS: readonly UpstreamEndpoint[] = ['authorization', 'token', 'userinfo', 'start', 'result'];
