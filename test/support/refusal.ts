import { JitsuinError } from '../../src/core/errors.ts';

/** The error a call is refused with. Fails when it is not refused, or with something that is not a JitsuinError. */
export function refusal(call: () => unknown): JitsuinError {
  try {
    call();
  } catch (error) {
    if (error instanceof JitsuinError) return error;
    throw error;
  }
  throw new Error('The call was not refused.');
}
