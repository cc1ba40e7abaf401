import type { ApprovalStore } from '../ports/approval-store.ts';
import type { AuditLog } from '../ports/audit.ts';
import type { Clock } from '../ports/clock.ts';
import type { PasskeyCeremony } from '../ports/passkey-ceremony.ts';
import type { Random } from '../ports/random.ts';
import type { ReplayStore } from '../ports/replay-store.ts';
import type { Sealer } from '../ports/sealer.ts';
import type { StaffStore } from '../ports/staff-store.ts';

/** What the use-cases of the console's accounts and approvals stand on. */
export interface StaffPorts {
  readonly operators: StaffStore;
  readonly approvals: ApprovalStore;
  readonly passkeys: PasskeyCeremony;
  readonly sealer: Sealer;
  readonly replay: ReplayStore;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly random: Random;
}
