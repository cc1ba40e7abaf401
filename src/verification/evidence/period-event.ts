import type { AuditEvent } from '../../ports/audit.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EvidencePeriod } from '../../verifier/evidence/evidence-time.ts';

/** What the audit chain says of a period that was stamped. */
export function periodEvent(
  { clock }: { readonly clock: Clock },
  name: string,
  { period, size, root }: EvidencePeriod,
): AuditEvent {
  const facts = { period, size, root };
  return { event: name, subject: `evidence-period-${period}`, tenant: '', at: clock.now(), facts };
}
