import {
  MAINTENANCE,
  OPERATOR,
  REFRESH,
  RESTART,
  TEMPORARY,
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
