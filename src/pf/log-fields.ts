import { defined } from '../core/defined.ts';
import type { Verification } from '../core/sign-transaction/verification.ts';
import type { LogFields } from '../ports/log.ts';

/** What a log line says of a verification: whose, and the id that the request has at the sp too. */
export function verificationFields({ id, tenant, correlationId }: Verification): LogFields {
  return defined({
    verification: id,
    tenant,
    correlationId,
  });
}
