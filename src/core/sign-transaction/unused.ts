import type { JitsuinError } from '../errors.ts';

/**
 * True when a code or a refresh token is still good after this failure: nothing was sent (no connection stood, our
 * own guard turned it away), or the service answered 503 and looked at nothing.
 */
export function isUnused({ code, at, upstream }: JitsuinError): boolean {
  if (upstream?.status === 503) return true;
  if (code === 'upstream.temporary') return at === 'turn' || at === 'maintenance';
  return ['upstream.unreachable', 'upstream.timeout', 'upstream.tls'].includes(code) && at === 'connect';
}
