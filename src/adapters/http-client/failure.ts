import { JitsuinError } from '../../core/errors.ts';

/** How far the request had come: before the connection stood nothing was sent, after it the peer may have acted. */
export type Phase = 'connect' | 'response';

const TLS_CODES = new RegExp(
  `^(?:${[
    'CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_',
    'HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH',
    'EPROTO|ERR_TLS_|ERR_SSL_|ERR_OSSL_',
  ].join('|')})`,
);

/**
 * Node's error of a connection → one of our named codes. The cause keeps only its code: messages may hold
 * addresses.
 */
export function connectionFailure(thrown: unknown, phase: Phase): JitsuinError {
  if (thrown instanceof JitsuinError) return thrown;
  const code = errorCode(thrown);
  const details = { at: phase, cause: new Error(code) };
  if (TLS_CODES.test(code)) {
    return new JitsuinError('upstream.tls', `The TLS connection could not be trusted (${code}).`, details);
  }
  if (code.startsWith('HPE_')) {
    return new JitsuinError('upstream.response', `The answer is not HTTP (${code}).`, details);
  }
  if (code === 'ETIMEDOUT') return timeoutFailure(phase);
  return new JitsuinError('upstream.unreachable', `The other side could not be reached (${code}).`, details);
}

export function timeoutFailure(phase: Phase): JitsuinError {
  return new JitsuinError('upstream.timeout', 'The other side did not answer in time.', { at: phase });
}

/** True when a kept connection turned out to be closed by the peer before it answered. */
export function isStaleConnection(thrown: unknown): boolean {
  return ['ECONNRESET', 'EPIPE'].includes(errorCode(thrown));
}

/** `code` of a Node system error; of an AggregateError (happy eyeballs) the first one. */
function errorCode(thrown: unknown): string {
  if (thrown instanceof AggregateError) {
    const inner: readonly unknown[] = thrown.errors;
    return errorCode(inner[0]);
  }
  if (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string') return thrown.code;
  return 'UNKNOWN';
}
