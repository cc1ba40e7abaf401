import type { ErrorCode } from '../../core/errors.ts';
import type { RevocationResult } from './revocation-types.ts';

/** "Could not be decided": never good, whatever the reason. */
export function indeterminate(
  code: ErrorCode,
  detail: string,
): Extract<RevocationResult, { status: 'indeterminate' }> {
  return { status: 'indeterminate', code, detail };
}
