import type { Verification } from '../../src/core/sign-transaction/verification.ts';
import type { LogFields } from '../../src/ports/log.ts';

/** What a log line says of a verification: whose, and the id that the request has at the sp too. */
export function verificationFields({ id, tenant, correlationId }: Verification): LogFields {
  return { verification: id, tenant, ...(correlationId === undefined ? {} : { correlationId }) };
}
