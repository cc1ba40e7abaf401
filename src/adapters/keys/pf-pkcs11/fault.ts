import type { ErrorCode } from '../../../core/errors.ts';
import { JitsuinError } from '../../../core/errors.ts';
import type { TokenFault } from './messages.ts';

/** What of a key or of a setting is wrong, so that another try would end the same. */
export class TokenRefusal extends Error {
  override readonly name = 'TokenRefusal';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const PIN_VALUES: Readonly<Record<string, string>> = {
  CKR_PIN_INCORRECT: 'The token refuses the PIN of JITSUIN_PKCS11_PIN_FILE.',
  CKR_PIN_INVALID: 'The token refuses the PIN of JITSUIN_PKCS11_PIN_FILE.',
  CKR_PIN_LEN_RANGE: 'The PIN of JITSUIN_PKCS11_PIN_FILE has another length than the token takes.',
  CKR_PIN_EXPIRED:
    'The PIN of the token has expired: give it a new one, and write it into JITSUIN_PKCS11_PIN_FILE.',
  CKR_PIN_LOCKED: 'The token has locked its PIN: its security officer must set it anew.',
  CKR_USER_PIN_NOT_INITIALIZED: 'The token has no user PIN yet: its security officer must set one.',
};

/** The name of what a Cryptoki call returned; undefined for any other error. */
export function cryptokiName(thrown: unknown): string | undefined {
  return thrown instanceof Error ? /\bCKR_[A-Z0-9_]+/.exec(thrown.message)?.[0] : undefined;
}

/**
 * What goes back for an error. A Cryptoki value that no rule names ends the process: whether it was the cable, the
 * device or a stale handle, a new process finds the token as it is.
 */
export function faultOf(thrown: unknown): TokenFault {
  if (thrown instanceof TokenRefusal) return { code: thrown.code, message: thrown.message };
  if (thrown instanceof JitsuinError) return { code: thrown.code, message: thrown.message };
  const cryptoki = cryptokiName(thrown);
  if (cryptoki === undefined) {
    return { code: 'key.unavailable', message: 'The PKCS#11 module failed.', ends: 'process' };
  }
  const pin = PIN_VALUES[cryptoki];
  if (pin !== undefined)
    return { code: 'config.invalid', message: `${pin} (${cryptoki})`, cryptoki, ends: 'pin' };
  const message = `The token does not do it now (${cryptoki}).`;
  return { code: 'key.unavailable', message, cryptoki, ends: 'process' };
}
