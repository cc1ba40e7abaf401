import { asJitsuinError } from '../../core/errors.ts';
import type { AuditSealing } from '../../ports/audit.ts';
import type { Log } from '../../ports/log.ts';
import { type Repetition, repeat } from '../repeat.ts';
import { SEAL_PAUSE } from './evidence/audit-seals.ts';

/**
 * Seals the audit chains once a minute while a role runs; of all processes one does it, and each says that it is there.
 * `audit.broken` in the log: what was sealed before is not there any more; `store.went-back`: what this process
 * committed.
 */
export function sealAuditRegularly({ audit }: { readonly audit: AuditSealing }, log: Log): Repetition {
  const round = async () => {
    try {
      await audit.seal();
    } catch (thrown) {
      const { code } = asJitsuinError(thrown);
      log.error(code === 'audit.broken' || code === 'store.went-back' ? code : 'audit.seal-failed', { code });
    }
  };
  return repeat(round, SEAL_PAUSE, log, 'audit.seal-failed');
}
