import { JitsuinError } from '../errors.ts';
import { matchUpstreamError, type UpstreamErrorRow } from '../sign-transaction/upstream-errors.ts';

/**
 * The redirect back to us, read but not yet bound to a session: `state` must be compared before anything else is
 * done.
 */
export type AuthorizationCallback =
  | {
      readonly kind: 'code';
      readonly state: string;
      readonly code: string;
      /** Whether the answer names its issuer, which is then ours. */
      readonly sender: 'named' | 'unnamed';
    }
  | { readonly kind: 'error'; readonly state: string; readonly row: UpstreamErrorRow };

const KNOWN = ['state', 'code', 'error', 'error_description', 'iss', 'session_state'] as const;

/**
 * Query of the callback (guideline, リダイレクトケース) → a code, or the row of the error. An error wins over a code; a
 * parameter given twice is refused (RFC 6749 section 3.1); `iss`, where present, must be ours (RFC 9207). The text of
 * `error_description` only chooses the row: it is never shown.
 * @throws JitsuinError `oidc.state`, `oidc.issuer`, `oidc.callback-error`
 */
export function readCallback(query: URLSearchParams, issuer: string): AuthorizationCallback {
  const parameter = (name: (typeof KNOWN)[number]) => single(query, name);
  const state = parameter('state');
  if (state === undefined || !/^[\x20-\x7E]{1,255}$/.test(state)) {
    throw new JitsuinError('oidc.state', 'The callback carries no state.', { at: 'state' });
  }
  const sender = parameter('iss');
  if (sender !== undefined && sender !== issuer) {
    throw new JitsuinError('oidc.issuer', 'The callback comes from another issuer.', { at: 'iss' });
  }
  const error = parameter('error');
  const description = parameter('error_description');
  const code = parameter('code');
  if (error !== undefined) {
    const answer = { status: 302, error, error_description: description };
    return { kind: 'error', state, row: matchUpstreamError('authorization', answer) };
  }
  if (code === undefined || !/^[\x21-\x7E]{1,4096}$/.test(code)) {
    throw new JitsuinError('oidc.callback-error', 'The callback carries neither a code nor an error.', {
      at: 'code',
    });
  }
  return { kind: 'code', state, code, sender: sender === undefined ? 'unnamed' : 'named' };
}

function single(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name);
  if (values.length > 1) {
    const code = name === 'state' ? 'oidc.state' : 'oidc.callback-error';
    throw new JitsuinError(code, 'The callback carries a parameter twice.', { at: name });
  }
  return values[0];
}
